import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { createTransport } from 'nodemailer';
import { Failure } from '../../contracts/failures';
import { errorCode } from '../../contracts/error-code';
import type { RegistryEvent, Webhook } from '../../contracts/schemas/webhooks';
import { isPublicAddress } from '../network/addresses';
import { deliveryId } from './deliveries';
import { sentenceOf } from './message';
import { requireSecret, type Sending, type Sent } from './sending';

type EmailWebhook = Extract<Webhook, { format: 'email' }>;

const submissionPort = 587;
/** From the start under TLS; the others begin in the open, and turn to TLS before anything is said. */
const tlsPort = 465;
const patienceMs = 20_000;
const longestSubject = 150;

/**
 * Sends an event as a mail. Its `Message-ID` is the delivery's, so that a second arrival is known by mail programs, too.
 *
 * @throws Failure `webhook-unavailable`, `webhook-refused`, `path-refused`
 */
export async function sendMail(webhook: EmailWebhook, event: RegistryEvent, sending: Sending): Promise<Sent> {
  const [host = '', given] = webhook.server.split(':');
  const port = given === undefined ? submissionPort : Number(given);
  const isAllowed = sending.allowedHosts.includes(host) || sending.allowedHosts.includes(`${host}:${port}`);
  const address = await addressOf(host, isAllowed);
  const transport = createTransport({
    ...{ host: address, port, secure: port === tlsPort, requireTLS: !isAllowed },
    ...{ connectionTimeout: patienceMs, greetingTimeout: patienceMs, socketTimeout: patienceMs },
    // Connected to by its address, which was checked; its certificate is for its name.
    tls: { servername: isIP(host) === 0 ? host : undefined },
    auth: authOf(webhook, host, port, sending),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const text = sentenceOf(event);
  const delivery = deliveryId(event, webhook.name);
  try {
    await transport.sendMail({
      ...{ from: webhook.from, to: webhook.to, text: `${text}\n\n${detailsOf(event)}` },
      subject: text.replace(/[\r\n]+/g, ' ').slice(0, longestSubject),
      messageId: `<${delivery}@drover>`,
    });
    return { status: 250 };
  } catch (error) {
    throw mailFailure(error, webhook.server);
  } finally {
    transport.close();
  }
}

function authOf(webhook: EmailWebhook, host: string, port: number, { secrets }: Sending) {
  if (webhook.secret === undefined) return undefined;
  const { token, host: own } = requireSecret(webhook.secret, secrets);
  if (own !== host && own !== `${host}:${port}`) {
    throw new Failure(
      'webhook-refused',
      `DROVER_SECRET_${webhook.secret} is for the host in DROVER_SECRET_${webhook.secret}_HOST, which is not ${host}.`,
    );
  }
  return { user: webhook.user ?? webhook.from, pass: token };
}

async function addressOf(host: string, isAllowed: boolean): Promise<string> {
  const found = await lookup(host, { all: true }).catch((error: unknown) => {
    throw new Failure('webhook-unavailable', `${host} has no address; it is tried again.`, { cause: error });
  });
  const [first] = found;
  if (first === undefined || (!isAllowed && !found.every(({ address }) => isPublicAddress(address)))) {
    throw new Failure(
      'path-refused',
      `${host} has an address that is not of the public internet. Where it is yours, name it in DROVER_ALLOWED_HOSTS.`,
    );
  }
  return first.address;
}

/** Nothing of what the server said, which may repeat what it was told. */
function mailFailure(error: unknown, server: string): Failure {
  const code =
    typeof error === 'object' && error !== null && 'responseCode' in error ? error.responseCode : 0;
  const refused = typeof code === 'number' && code >= 500;
  const what = typeof code === 'number' && code > 0 ? `answered ${code}` : (errorCode(error) ?? 'failed');
  return new Failure(
    refused ? 'webhook-refused' : 'webhook-unavailable',
    `The mail server ${server}: ${what}${refused ? '. Check the addresses, the user and the secret.' : '; it is tried again.'}`,
    { cause: error },
  );
}

function detailsOf(event: RegistryEvent): string {
  return Object.entries(event)
    .map(([key, value]) => `${key}: ${String(value)}`)
    .join('\n');
}
