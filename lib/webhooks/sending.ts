import { Failure } from '../../contracts/failures';
import type { SourceSecrets } from '../../contracts/schemas/source-secrets';
import { isHostOf } from '../network/hosts';
import type { Network } from '../network/network';

/** What sending needs of the outside. */
export interface Sending {
  readonly network: Network;
  /** Hosts that may have a private address, and may be spoken to without TLS. */
  readonly allowedHosts: readonly string[];
  readonly secrets: SourceSecrets['secrets'];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** What was answered: a status in 200 to 299; of a mail, SMTP's 250. */
export interface Sent {
  readonly status: number;
}

/** @throws Failure `webhook-refused` where it is not set, naming the variable */
export function requireSecret(
  name: string,
  secrets: SourceSecrets['secrets'],
): { readonly token: string; readonly host: string } {
  const secret = secrets.get(name);
  if (secret !== undefined) return secret;
  throw new Failure(
    'webhook-refused',
    `DROVER_SECRET_${name} is not set where this runs. Set it, and DROVER_SECRET_${name}_HOST to the webhook's host.`,
  );
}

/**
 * A secret is for one host, whoever edits the configuration.
 *
 * @throws Failure `webhook-refused` where it is not set, or is another host's
 */
export function secretFor(name: string, url: URL, secrets: SourceSecrets['secrets']): string {
  const { token, host } = requireSecret(name, secrets);
  if (isHostOf(url, host)) return token;
  throw new Failure(
    'webhook-refused',
    `DROVER_SECRET_${name} is for the host in DROVER_SECRET_${name}_HOST, which is not ${url.host}.`,
  );
}
