import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { Failure } from '../../contracts/failures';
import { storeUri } from '../../contracts/refs';
import { openStore } from '../../lib/storage/open-store';
import { picturesOf } from '../../lib/sweeps/pictures-of';
import { sweepReport } from '../../lib/sweeps/report/page';
import { storeFromReport, writeSweepReport } from '../../lib/sweeps/sweep-report-file';
import { browse } from '../browse';
import type { Console } from '../display/console';
import { findSweepRecord } from '../find-sweep-record';
import { type Outside, type SettingFlags, settingsOf } from '../settings';
import { writePage } from '../write-page';
import { placeOf } from './data/place';

export interface SweepReportFlags extends SettingFlags {
  readonly out?: string;
  readonly costPerHour?: string;
  readonly json?: boolean;
}

/**
 * Writes a sweep's report, prints where, and opens it for whoever sits at a terminal.
 *
 * @throws Failure as `findSweepRecord`; `start-refused` for a price that is none; `path-refused` where `--out` can't be written
 */
export async function reportSweep(
  id: string | undefined,
  flags: SweepReportFlags,
  outside: Outside,
  out: Console,
  show: (address: string) => void = browse,
): Promise<void> {
  const costPerHour = priceOf(flags.costPerHour);
  const settings = settingsOf(flags, outside);
  const store = openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
  const record = await findSweepRecord(id, settings, store);
  const pictures = await picturesOf(store, record.prepared);
  const page = (storeAt: string | undefined) =>
    sweepReport(record, { at: Date.now(), costPerHour, pictures, ...(storeAt !== undefined && { storeAt }) });
  let place: string;
  if (flags.out === undefined) {
    const key = await writeSweepReport(store, record.sweep, page(storeFromReport));
    place = placeOf(store, storeUri(key));
  } else {
    place = resolve(outside.folder, flags.out);
    await writePage(place, page(storeSeenFrom(place, store.location)), '--out');
  }
  if (flags.json === true) {
    out.say(JSON.stringify({ sweep: record.sweep, trials: record.trials.length, report: place }, null, 2));
    return;
  }
  out.say(place);
  if (out.live && isAbsolute(place)) show(place);
}

/** The way from a page to a store in a folder, as a browser takes it; a page can't reach into a bucket. */
function storeSeenFrom(page: string, location: string): string | undefined {
  if (!isAbsolute(location)) return undefined;
  const steps = relative(dirname(page), location)
    .split(/[/\\]/)
    .filter((step) => step !== '');
  return steps.map((step) => `${encodeURIComponent(step)}/`).join('') || './';
}

function priceOf(typed: string | undefined): number | undefined {
  if (typed === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(typed)) return Number(typed);
  throw new Failure('start-refused', '--cost-per-hour takes the price of an hour of training, such as 1.20.');
}
