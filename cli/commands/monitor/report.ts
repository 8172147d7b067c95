import { isAbsolute, resolve } from 'node:path';
import { Failure } from '../../../contracts/failures';
import { reportKey } from '../../../lib/monitor/keys';
import { latestLook, lookIds, readLook } from '../../../lib/monitor/records';
import { storeUri } from '../../../contracts/refs';
import { browse } from '../../browse';
import type { Console } from '../../display/console';
import type { Outside } from '../../settings';
import { writePage } from '../../write-page';
import { placeOf } from '../data/place';
import { type MonitorFlags, openMonitored } from './place';

export interface ReportFlags extends MonitorFlags {
  readonly out?: string;
}

/**
 * Prints where a look's report lies, the latest where none is named, and opens it for whoever sits at a terminal.
 *
 * @throws Failure `not-found`; `path-refused` where `--out` can't be written
 */
export async function reportLook(
  id: string | undefined,
  flags: ReportFlags,
  outside: Outside,
  out: Console,
  show: (address: string) => void = browse,
): Promise<void> {
  const { store, model } = await openMonitored(flags, outside);
  const wanted = id ?? (await latestLook(store, model))?.id ?? (await lookIds(store, model))[0];
  if (wanted === undefined) {
    throw new Failure('not-found', `Nobody has looked at ${model} yet. Look now: npx drover monitor run`);
  }
  const look = await readLook(store, model, wanted);
  const key = reportKey(model, wanted);
  let place = placeOf(store, storeUri(key));
  if (flags.out !== undefined) {
    place = resolve(outside.folder, flags.out);
    await writePage(place, (await store.read(key)).toString('utf8'), '--out');
  }
  if (flags.json === true) {
    out.say(JSON.stringify({ model, look: wanted, verdict: look.verdict, report: place }, null, 2));
    return;
  }
  out.say(place);
  if (out.live && isAbsolute(place)) show(place);
}
