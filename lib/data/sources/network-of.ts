import { Failure } from '../../../contracts/failures';
import type { SourceConfig } from '../../../contracts/schemas/pipeline';
import { createNetwork, type Network, type RequestOptions } from '../../network/network';
import type { SourceOptions } from './source';

/** The way out for one source. */
export function networkOf({ network, times }: Pick<SourceOptions, 'network' | 'times'>): Network {
  return createNetwork({ allowedHosts: network.allowedHosts, times });
}

/**
 * The token that a source names, for the one host that it is meant for.
 *
 * @throws Failure `source-invalid` where the worker has no such secret
 */
export function authorizationOf(
  { secret }: SourceConfig,
  { network }: Pick<SourceOptions, 'network'>,
): RequestOptions['authorization'] {
  if (secret === undefined) return undefined;
  const found = network.secrets.get(secret);
  if (found === undefined) {
    throw new Failure(
      'source-invalid',
      `The source names a secret that the worker does not have. Set DROVER_SECRET_${secret} and ` +
        `DROVER_SECRET_${secret}_HOST where the worker starts.`,
    );
  }
  return { value: `Bearer ${found.token}`, host: found.host };
}
