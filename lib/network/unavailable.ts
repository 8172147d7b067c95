import { errorCode } from '../../contracts/error-code';
import { Failure } from '../../contracts/failures';

/** A host that did not answer, or not to the end: `source-unavailable`, and when to ask again where it said so. */
export class Unavailable extends Failure {
  constructor(
    message: string,
    readonly retryAfterMs?: number,
    options?: { cause?: unknown },
  ) {
    super('source-unavailable', message, options);
  }
}

const happened: Readonly<Record<string, string>> = {
  ENOTFOUND: 'has no address: its name is wrong, or there is no network',
  EAI_AGAIN: 'has no address just now: there is no network, or no name server',
  ECONNREFUSED: 'refuses connections',
  ECONNRESET: 'cut the connection',
  EPIPE: 'cut the connection',
  ETIMEDOUT: 'did not answer in time',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached from this network',
};

const aboutCertificates = /CERT|SIGNATURE|SELF_SIGNED|ISSUER|ERR_TLS|ERR_SSL|EPROTO/;

/** What a failed request means, naming the host alone: the rest of a URL may hold a secret. */
export function requestFailure(error: unknown, host: string): Failure {
  if (error instanceof Failure) return error;
  const code = errorCode(error) ?? '';
  if (aboutCertificates.test(code)) {
    return new Failure(
      'source-invalid',
      `${host} shows a certificate that is not trusted (${code}). Where it is your own, name its authority's ` +
        'file in NODE_EXTRA_CA_CERTS.',
      { cause: error },
    );
  }
  const what = happened[code] ?? `failed to answer (${code === '' ? 'no reason was given' : code})`;
  return new Unavailable(
    `${host} ${what}. Check the address and the network; it is tried again.`,
    undefined,
    {
      cause: error,
    },
  );
}
