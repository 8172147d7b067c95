import { Failure } from '../../../contracts/failures';
import { readPredictions, type ReadPrediction } from '../../../lib/predictions/read';
import type { Console } from '../../display/console';
import { counted, plainText } from '../../display/dataset';
import { percent } from '../../display/format';
import { table } from '../../display/table';
import type { Outside } from '../../settings';
import { openPredictions, type PredictionFlags, sinceOf } from './place';

export interface ListFlags extends PredictionFlags {
  readonly class?: string;
  readonly wrong?: boolean;
  readonly limit: string;
}

/** The last kept predictions, the newest first. */
export async function listPredictions(flags: ListFlags, outside: Outside, out: Console): Promise<void> {
  const store = openPredictions(flags, outside);
  const limit = limitOf(flags.limit);
  const since = sinceOf(flags.since, Date.now());
  const newest = new Newest(limit);
  for await (const prediction of readPredictions(store, since === undefined ? {} : { since })) {
    if (isWanted(prediction, flags)) newest.add(prediction);
  }
  const found = newest.all();
  if (flags.json === true) {
    const plain = found.map(({ record, feedback, label = null, disputed }) => ({
      ...{ ...record, label, disputed, feedback },
    }));
    out.say(JSON.stringify(plain, null, 2));
    return;
  }
  if (found.length === 0) {
    out.say(`There are no such predictions in ${store.location}.`);
    return;
  }
  sayPredictions(found, out);
  const more = newest.seen - found.length;
  if (more > 0) out.say(out.colours.dim(`… and ${counted(more, 'older one')}; --limit shows more`));
}

function isWanted({ record, label }: ReadPrediction, flags: ListFlags): boolean {
  if (flags.class !== undefined && record.prediction !== flags.class) return false;
  return flags.wrong !== true || (label !== undefined && label !== record.prediction);
}

function limitOf(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new Failure('start-refused', '--limit takes how many predictions to show: 1 or more.');
}

/** The last predictions of any number that come in hardly any order. */
class Newest {
  seen = 0;
  #held: ReadPrediction[] = [];

  constructor(readonly most: number) {}

  add(prediction: ReadPrediction): void {
    this.seen += 1;
    this.#held.push(prediction);
    // Now and then, not each time: to sort costs more than to hold.
    if (this.#held.length >= 2 * this.most + 1000) this.#held = this.all();
  }

  /** The newest first. */
  all(): ReadPrediction[] {
    const byTime = (a: ReadPrediction, b: ReadPrediction) =>
      b.record.at < a.record.at ? -1 : Number(b.record.at > a.record.at);
    return [...this.#held].sort(byTime).slice(0, this.most);
  }
}

function sayPredictions(found: readonly ReadPrediction[], out: Console): void {
  const { dim, red, green } = out.colours;
  const [header = '', ...rows] = table(
    ['time (UTC)', 'class', 'confidence', 'version', 'label', 'id'],
    found.map(({ record, label, disputed }) => [
      record.at.slice(0, 19).replace('T', ' '),
      plainText(record.prediction),
      percent(record.probabilities[record.prediction] ?? 0),
      `${record.model.name}@${record.model.version}`,
      label === undefined ? '' : plainText(label) + (disputed ? ' (disputed)' : ''),
      record.id,
    ]),
    new Set([2]),
  );
  out.say(dim(header));
  rows.forEach((row, at) => {
    const one = found[at];
    const isWrong = one?.label !== undefined && one.label !== one.record.prediction;
    out.say(isWrong ? red(row) : one?.label === undefined ? row : green(row));
  });
}
