import { existsSync } from 'node:fs';
import { Failure } from '../../contracts/failures';
import { runResultSchema, type RunResult } from '../../contracts/schemas/documents';
import { metricNames } from '../../contracts/schemas/run';
import { digestOf, readJson } from '../../lib/storage/refs';
import { openStore } from '../../lib/storage/open-store';
import type { Store } from '../../lib/storage/store';
import { compareRuns, type RunComparison } from '../../lib/training/compare-runs';
import { addonLink } from '../../native/addon';
import { thisMachine } from '../../native/world';
import { type Console, silent } from '../display/console';
import { figure, pad } from '../display/format';
import { Steps } from '../display/steps';
import { setUpNative } from '../set-up';
import { type Outside, type SettingFlags, settingsOf } from '../settings';
import { trainHere } from '../train-here';

export interface RerunFlags extends SettingFlags {
  readonly json?: boolean;
}

export interface RerunCall {
  /** A run's id, or its first digits. */
  readonly run: string;
  readonly flags: RerunFlags;
  readonly outside: Outside;
  readonly out: Console;
  readonly signal: AbortSignal;
}

/**
 * Trains a run's configuration on its prepared set once more, and compares the models' digests. The run stays as it is; the
 * rerun has a place of its own, which is left only where it gave another model. The exit code is 1 then.
 *
 * @throws Failure `not-found` where there is no such run that is finished; whatever ends a training.
 */
export async function rerun({ run, flags, outside, out, signal }: RerunCall): Promise<void> {
  const settings = settingsOf(flags, outside);
  const store = openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
  const before = await resultOf(store, run);
  const shown = flags.json === true ? silent(out) : out;
  if (!existsSync(addonLink(thisMachine()))) await setUpNative(['tensorflow'], settings, shown, signal);

  const own = digestOf({ rerun: before.run }).slice(0, 16);
  // Of one that is finished; one that was interrupted goes on.
  if (await store.exists(`runs/${own}/result.json`)) await clear(store, own);
  const steps = new Steps(shown);
  let after: RunResult;
  try {
    const job = { config: before.config, prepared: before.prepared, run: own };
    const ref = await trainHere(job, { settings, store, outside, out: shown, steps, signal });
    after = await readJson(store, ref, runResultSchema);
  } finally {
    steps.end();
  }

  const compared = compareRuns(before, after);
  if (compared.same) await clear(store, own);
  else process.exitCode = 1;
  if (flags.json === true) {
    out.say(JSON.stringify({ run: before.run, ...compared }, null, 2));
    return;
  }
  out.say();
  for (const line of comparisonLines(before, after, compared, out)) out.say(line);
  if (!compared.same) out.say(`kept        ${store.location}/runs/${own}`);
}

function comparisonLines(
  before: RunResult,
  after: RunResult,
  { same, sha256, differences }: RunComparison,
  { colours }: Console,
): string[] {
  if (same) return [`${colours.green('the same')}    run ${before.run}: ${sha256.was}, byte for byte`];
  const width = Math.max(...differences.map(({ name }) => name.length), 0);
  return [
    `${colours.yellow('another')}     run ${before.run} gave ${sha256.was}`,
    `            and this one ${sha256.is}`,
    ...metricNames.map(
      (name) => `            ${name} ${figure(after.best[name])}, was ${figure(before.best[name])}`,
    ),
    `because     ${reasonOf(after, differences.length)}`,
    ...differences.map(
      (part) =>
        `            ${pad(part.name, width)}  ${part.is ?? 'not known'}, was ${part.was ?? 'not known'}`,
    ),
  ];
}

function reasonOf({ environment }: RunResult, differences: number): string {
  if (differences > 0) return 'something of these is different:';
  return environment.device === 'gpu'
    ? 'a GPU adds up in any order; nothing that a run keeps is different'
    : 'nothing that a run keeps is different, so on a CPU this is a defect: please report it';
}

/** The result of the one run whose id begins so. */
async function resultOf(store: Store, typed: string): Promise<RunResult> {
  if (!/^[0-9a-f]{1,16}$/.test(typed)) {
    throw new Failure('start-refused', "A run's id has 16 hexadecimal digits; its first few are enough.");
  }
  const found: string[] = [];
  for await (const key of store.list(`runs/${typed}`)) {
    if (/^runs\/[0-9a-f]{16}\/result\.json$/.test(key)) found.push(key);
  }
  const [key] = found;
  if (key === undefined) {
    throw new Failure(
      'not-found',
      `No finished run begins with ${typed} in ${store.location}. Results name their run: those of \`drover run train\`, and ` +
        'the pages that runs leave (report.html).',
    );
  }
  if (found.length > 1) {
    const ids = found.map((each) => each.split('/')[1]).join(', ');
    throw new Failure(
      'start-refused',
      `Several runs begin with ${typed}: ${ids}. Type more of the one you mean.`,
    );
  }
  return runResultSchema.parse(JSON.parse((await store.read(key)).toString()));
}

async function clear(store: Store, run: string): Promise<void> {
  const keys: string[] = [];
  for await (const key of store.list(`runs/${run}/`)) keys.push(key);
  for (const key of keys) await store.remove(key);
}
