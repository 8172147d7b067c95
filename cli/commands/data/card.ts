import { mkdir, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { Failure } from '../../../contracts/failures';
import { storeUri } from '../../../contracts/refs';
import { datasetFolder } from '../../../lib/data/manifest';
import { shortVersion } from '../../../lib/data/versions';
import type { Store } from '../../../lib/storage/store';
import { browse } from '../../browse';
import type { Console } from '../../display/console';
import type { Outside, SettingFlags } from '../../settings';
import { placeOf } from './place';
import { openData, wishedVersion } from './wished-version';

/** Where a version's card lies; version 0.1.0 wrote it as Markdown alone. */
export async function findCard(
  store: Store,
  name: string,
  version: string,
): Promise<{ readonly key: string; readonly uri: string } | undefined> {
  for (const file of ['card.html', 'card.md']) {
    const key = `${datasetFolder(name, version)}/${file}`;
    if (await store.exists(key)) return { key, uri: storeUri(key) };
  }
  return undefined;
}

/**
 * Prints where a version's card is and, for whoever sits at a terminal, opens it. A bucket's is brought here first:
 * a browser would not show it from there.
 *
 * @throws Failure `not-found` where the version has none
 */
export async function card(
  wished: string | undefined,
  flags: SettingFlags & { readonly json?: boolean },
  outside: Outside,
  out: Console,
  show: (address: string) => void = browse,
): Promise<void> {
  const data = openData(flags, outside);
  const { name, entry } = await wishedVersion(wished, data);
  const found = await findCard(data.store, name, entry.version);
  if (found === undefined) {
    throw new Failure(
      'not-found',
      `${name}@${shortVersion(entry.version)} has no card in ${data.store.location}. Take it in again: ` +
        'npx drover data ingest.',
    );
  }
  let place = placeOf(data.store, found.uri);
  if (flags.json === true) {
    out.say(JSON.stringify({ name, version: entry.version, card: place }, null, 2));
    return;
  }
  if (!isAbsolute(place)) {
    const folder = join(data.settings.home, 'scratch', 'cards');
    await mkdir(folder, { recursive: true });
    place = join(
      folder,
      `${name}-${shortVersion(entry.version)}${found.key.slice(found.key.lastIndexOf('.'))}`,
    );
    await writeFile(place, await data.store.read(found.key));
  }
  out.say(place);
  if (out.live) show(place);
}
