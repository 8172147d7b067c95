import { listDatasets } from '../../../lib/data/history';
import { requireHistory, shortVersion } from '../../../lib/data/versions';
import type { Console } from '../../display/console';
import { age, count, plainText } from '../../display/dataset';
import { table } from '../../display/table';
import type { Outside, SettingFlags } from '../../settings';
import { openData } from './wished-version';

/** Every dataset of the store, with its newest version. */
export async function list(
  flags: SettingFlags & { readonly json?: boolean },
  outside: Outside,
  out: Console,
): Promise<void> {
  const { store } = openData(flags, outside);
  const datasets = await Promise.all(
    (await listDatasets(store)).map(async (name) => {
      const history = await requireHistory(store, name);
      const { version = '', at = '', source = '', ...figures } = history.at(-1) ?? {};
      const versions = new Set(history.map((entry) => entry.version)).size;
      return { name, versions, newest: { version, at, source, ...figures } };
    }),
  );
  if (flags.json === true) {
    out.say(JSON.stringify({ store: store.location, datasets }, null, 2));
    return;
  }
  if (datasets.length === 0) {
    out.say(`There are no datasets in ${store.location}. Take one in: npx drover data ingest ./photos`);
    return;
  }
  const [header, ...rows] = table(
    ['dataset', 'versions', 'newest', 'pictures', 'classes', 'left out', 'age', 'source'],
    datasets.map(({ name, versions, newest }) => [
      name,
      String(versions),
      shortVersion(newest.version),
      count(newest.pictures ?? 0),
      count(newest.classes ?? 0),
      count(newest.dropped ?? 0),
      age(newest.at, Date.now()),
      plainText(newest.source),
    ]),
    new Set([1, 3, 4, 5, 6]),
  );
  out.say(out.colours.dim(header ?? ''));
  for (const row of rows) out.say(row);
}
