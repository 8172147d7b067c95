import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import { driftSettingsSchema, pictureStatistics } from '../../contracts/schemas/drift';
import { compareWindow } from '../../lib/drift/compare';
import { pickObservations, type Observations } from '../../lib/drift/observations';
import { pythonPeers } from '../peers';
import { markdownTable } from '../table';
import { makeArrays, readArrays } from './arrays';
import { madeDrifts } from './made-drift';
import { alarmsOf, shareText, thresholdOf } from './matched';
import { drawTrials, shares, sizes, type Trial } from './trials';

/** False alarms and power on real photographs, beside Evidently and Alibi Detect. See bench/README.md. */
const shared = resolve(__dirname, '../../../shared/data');
const { values: options } = parseArgs({
  options: {
    pictures: { type: 'string', default: join(shared, 'animals10') },
    backbone: {
      type: 'string',
      default: join(shared, 'backbone/mobilenet_v2_035_224_features_tfjs/model.json'),
    },
    cache: { type: 'string', default: join(homedir(), '.cache', 'drover', 'bench') },
    /** Five windows each. */
    rounds: { type: 'string', default: '40' },
    'drift-rounds': { type: 'string', default: '8' },
    /** A Python that has what `peers/requirements.txt` asks for; else it is installed. */
    python: { type: 'string' },
    'no-peers': { type: 'boolean', default: false },
  },
});

/** By side, a score for each trial, in the order of the trials: small means drift. */
type Scores = Map<string, number[]>;

const driftNames = [...madeDrifts.map(({ name }) => name).sort(), ...shares.map((share) => `class-${share}`)];
const ours = 'Drover, all checks but feedback';

async function main(): Promise<void> {
  for (const needed of [join(options.pictures, 'manifest.csv'), options.backbone]) {
    if (existsSync(needed)) continue;
    console.error(
      `${needed} is not there. Name a folder of photographs with a manifest.csv (--pictures) and a backbone (--backbone).`,
    );
    process.exitCode = 1;
    return;
  }
  const digest = createHash('sha256')
    .update(readFileSync(join(options.pictures, 'manifest.csv')))
    .update(readFileSync(options.backbone))
    .digest('hex');
  const cache = join(options.cache, `drift-${digest.slice(0, 12)}`);
  mkdirSync(cache, { recursive: true });
  const rounds = { none: Number(options.rounds), drift: Number(options['drift-rounds']) };
  const wanted = rounds.drift > 0 ? madeDrifts : [];
  const arrays = await makeArrays(options.pictures, options.backbone, cache, wanted);
  const trials = drawTrials(arrays.pool, arrays.withheld, rounds);
  const { dimensions, classes } = arrays;
  writeFileSync(
    join(cache, 'trials.json'),
    JSON.stringify({ dimensions, classes, statistics: pictureStatistics, trials }),
  );
  const { scores, alarms } = await drover(trials, (name) => readArrays(arrays, cache, name));
  const none = trials.filter(({ drift }) => drift === 'none').length;
  console.log(
    `Drover at its own level of 2 %: ${alarms.none} alarms in ${none} windows without drift, ` +
      `${shareText(alarms.none, none)} %. References of ${sizes.reference}, windows of ${sizes.window}.\n`,
  );
  writeFileSync(join(cache, 'drover.json'), JSON.stringify(Object.fromEntries(scores)));
  if (rounds.drift === 0) return;
  ownReport(trials, alarms.found);
  if (!options['no-peers']) for (const [side, values] of await peers(cache)) scores.set(side, values);
  report(trials, scores);
}

async function drover(
  trials: readonly Trial[],
  read: (name: string) => Observations,
): Promise<{ scores: Scores; alarms: { none: number; found: ReadonlyMap<string, number> } }> {
  const settings = driftSettingsSchema.parse({ permutations: 999 });
  const files = new Map<string, Observations>();
  const of = (name: string): Observations => {
    const known = files.get(name) ?? read(name);
    files.set(name, known);
    return known;
  };
  const scores: Scores = new Map();
  const found = new Map<string, number>();
  for (const [at, { drift, reference, window }] of trials.entries()) {
    const { findings } = await compareWindow(
      pickObservations(of('clean'), reference),
      pickObservations(of(window.file), window.rows),
      settings,
    );
    // Unlike the corrected p it has no ceiling, so that a level can be found among windows without drift.
    const least = Math.min(
      ...findings.checks.flatMap(({ p, threshold }) =>
        p === null || threshold === null ? [] : p / threshold,
      ),
    );
    if (findings.verdict === 'too-few') throw new Error(`trial ${at} was not compared: ${findings.reason}`);
    scores.set(ours, [...(scores.get(ours) ?? []), least]);
    for (const { id, p } of findings.checks) {
      if (id === 'mmd' || id === 'domain-classifier') {
        scores.set(`Drover, ${id} alone`, [...(scores.get(`Drover, ${id} alone`) ?? []), p ?? 1]);
      }
    }
    if (findings.verdict === 'drift') found.set(drift, (found.get(drift) ?? 0) + 1);
    if (at % 50 === 49) console.error(`${at + 1} of ${trials.length} windows …`);
  }
  return { scores, alarms: { none: found.get('none') ?? 0, found } };
}

const lineSchema = z.object({ scores: z.record(z.string(), z.number()) });

async function peers(cache: string): Promise<Scores> {
  const requirements = join(__dirname, 'peers', 'requirements.txt');
  const python = options.python ?? (await pythonPeers(options.cache, requirements));
  const script = join(__dirname, 'peers', 'peers.py');
  const { stdout } = await promisify(execFile)(python, ['-B', script, cache], { maxBuffer: 1 << 26 });
  writeFileSync(join(cache, 'peers.jsonl'), stdout);
  const scores: Scores = new Map();
  for (const line of stdout.trim().split('\n')) {
    for (const [side, score] of Object.entries(lineSchema.parse(JSON.parse(line)).scores)) {
      scores.set(side, [...(scores.get(side) ?? []), score]);
    }
  }
  return scores;
}

function report(trials: readonly Trial[], scores: Scores): void {
  const of = (values: readonly number[], drift: string) =>
    values.filter((_, at) => trials[at]?.drift === drift);
  const levels = [...scores].map(([side, values]) => {
    const none = of(values, 'none');
    // Every other window sets the level, so that both halves hold windows of every round.
    const [setting, judged] = [0, 1].map((half) => none.filter((_, at) => at % 2 === half));
    return { side, values, threshold: thresholdOf(setting ?? []), judged: judged ?? [] };
  });
  const headings = ['windows found, % (95 %)', ...levels.map(({ side }) => side)];
  const none = ['none: false alarms of the other half'];
  for (const { judged, threshold } of levels)
    none.push(shareText(alarmsOf(judged, threshold), judged.length));
  const rows = driftNames.map((drift) => [
    drift,
    ...levels.map(({ values, threshold }) => {
      const some = of(values, drift);
      return shareText(alarmsOf(some, threshold), some.length);
    }),
  ]);
  console.log(
    'At matched false alarm: a level for each side at which it alarms in 2 % of half of the windows.\n',
  );
  console.log(markdownTable(headings, [none, ...rows]));
}

function ownReport(trials: readonly Trial[], found: ReadonlyMap<string, number>): void {
  const own = driftNames.map((drift) => [
    drift,
    shareText(found.get(drift) ?? 0, trials.filter((trial) => trial.drift === drift).length),
  ]);
  console.log(`${markdownTable(['windows found, % (95 %)', 'Drover at its own level'], own)}\n`);
}

void main();
