import { Failure } from '../../contracts/failures';
import { isHostOf } from '../network/hosts';
import { refusesKey, type ApiPlace } from './ask-api';

/** By name: an API key, and the one host that it is sent to. */
export type ApiKeys = ReadonlyMap<string, { readonly token: string; readonly host: string }>;

/** Where a configuration names the key. */
type KeySetting = 'local.api_key' | 'cloud_run.api_key';

/** @throws Failure `start-refused` where it is not set, or is for another host */
export function keyFor(setting: KeySetting, name: string, address: string, keys: ApiKeys): string {
  const key = keys.get(name);
  const url = new URL(address);
  if (key !== undefined && isHostOf(url, key.host)) return key.token;
  throw new Failure(
    'start-refused',
    `${setting}: DROVER_SECRET_${name} and DROVER_SECRET_${name}_HOST=${url.host} are to be set where the worker of the queue ml runs.`,
  );
}

/**
 * That it may not be asked says nothing against a version: it must not be taken back for that.
 *
 * @throws Failure `start-refused` where the API there does not take the key, or wants one
 */
export async function requireKey(setting: KeySetting, place: ApiPlace): Promise<void> {
  if (!(await refusesKey(place))) return;
  throw new Failure(
    'start-refused',
    place.key === undefined
      ? `The API at ${place.address} asks for an API key. Make one (npx drover api-keys create deploy), give it to the worker as ` +
          `DROVER_SECRET_API, with DROVER_SECRET_API_HOST, and set ${setting}: API in configs/deploy.yaml.`
      : `The API at ${place.address} does not take the API key that ${setting} names: it is unknown there, has expired or was revoked.`,
  );
}
