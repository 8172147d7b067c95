import { Failure } from '../../contracts/failures';
import type { RegistryEvent, Webhook } from '../../contracts/schemas/webhooks';
import { deliveryId } from './deliveries';
import { droverBody, githubBody, slackBody } from './message';
import { sendMail } from './send-mail';
import { requireSecret, secretFor, type Sending, type Sent } from './sending';
import { signatureHeader, signatureOf } from './sign';

/** A request that is made for an event; nothing of it may be logged. */
interface Request {
  readonly url: URL;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Tells one webhook of one event, once.
 *
 * @throws Failure `webhook-unavailable`, to be tried again; `webhook-refused` where trying again cannot help: no such
 *   secret, a host that it is not for, an answer of 400 to 499, a redirect; `path-refused` for a private address
 */
export async function send(webhook: Webhook, event: RegistryEvent, sending: Sending): Promise<Sent> {
  if (webhook.format === 'email') return sendMail(webhook, event, sending);
  const request = requestFor(webhook, event, sending);
  let status: number;
  try {
    const answer = await sending.network.post(request.url, {
      body: request.body,
      headers: { 'content-type': 'application/json', ...request.headers },
      ...(sending.signal && { signal: sending.signal }),
    });
    answer.discard();
    ({ status } = answer);
  } catch (error) {
    if (!(error instanceof Failure) || error.type === 'path-refused') throw error;
    throw new Failure(error.retryable ? 'webhook-unavailable' : 'webhook-refused', error.message, {
      cause: error,
    });
  }
  if (status >= 200 && status < 300) return { status };
  throw statusFailure(status, request.url.host);
}

/** An answer that is no success; the status is told apart from the words, for the record. */
export class WebhookAnswer extends Failure {
  constructor(
    type: 'webhook-refused' | 'webhook-unavailable',
    message: string,
    readonly answered: number,
  ) {
    super(type, message);
  }
}

function statusFailure(status: number, host: string): WebhookAnswer {
  if (status >= 300 && status < 400) {
    return new WebhookAnswer(
      'webhook-refused',
      `${host} redirects (${status}), which is not followed. Give the address that it leads to.`,
      status,
    );
  }
  const passing = status === 408 || status === 425 || status === 429 || status >= 500;
  return passing
    ? new WebhookAnswer('webhook-unavailable', `${host} answered ${status}; it is tried again.`, status)
    : new WebhookAnswer(
        'webhook-refused',
        `${host} answered ${status}. Check the address and the secret, then: npx drover webhooks test`,
        status,
      );
}

function requestFor(
  webhook: Exclude<Webhook, { format: 'email' }>,
  event: RegistryEvent,
  { secrets, now }: Sending,
): Request {
  switch (webhook.format) {
    case 'drover': {
      const url = new URL(webhook.url);
      const delivery = deliveryId(event, webhook.name);
      const body = JSON.stringify(droverBody(event, delivery));
      const signature = signatureOf(secretFor(webhook.secret, url, secrets), Math.floor(now() / 1000), body);
      const headers = {
        [signatureHeader]: signature,
        'x-drover-delivery': delivery,
        'x-drover-event': event.kind,
      };
      return { url, body, headers };
    }
    case 'slack': {
      const { token } = requireSecret(webhook.url_secret, secrets);
      const url = URL.canParse(token) ? new URL(token) : undefined;
      if (url === undefined) {
        throw new Failure(
          'webhook-refused',
          `DROVER_SECRET_${webhook.url_secret} holds no address; expected that of an incoming webhook.`,
        );
      }
      secretFor(webhook.url_secret, url, secrets);
      return { url, body: JSON.stringify(slackBody(event)), headers: {} };
    }
    case 'github': {
      const url = new URL(`${webhook.api.replace(/\/$/, '')}/repos/${webhook.repository}/dispatches`);
      return {
        url,
        body: JSON.stringify(githubBody(event)),
        headers: {
          accept: 'application/vnd.github+json',
          'x-github-api-version': '2022-11-28',
          authorization: `Bearer ${secretFor(webhook.secret, url, secrets)}`,
        },
      };
    }
  }
}
