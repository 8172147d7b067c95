import { storeKey } from '../../../contracts/refs';
import type { Store } from '../../../lib/storage/store';

/** Where a person finds what a ref of this store names: a path, or an address for the browser. */
export function placeOf(store: Store, uri: string): string {
  const place = `${store.location}/${storeKey(uri) ?? uri}`;
  return place.startsWith('gs://')
    ? encodeURI(`https://storage.cloud.google.com/${place.slice('gs://'.length)}`)
    : place;
}
