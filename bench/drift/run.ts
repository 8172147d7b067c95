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
import { createRandom } from '../../lib/random';
import { pythonPeers } from '../peers';
import { markdownTable } from '../table';
import { makeArrays, readArrays, type Arrays } from './arrays';
import { madeDrifts, strengths } from './made-drift';
import { alarmsOf, differenceText, shareText, thresholdOf } from './matched';
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
    /** Of made drift, with commas. */
    strengths: { type: 'string', default: strengths.join(',') },
    /** A Python that has what `peers/requirements.txt` asks for; else it is installed. */
    python: { type: 'string' },
    'no-peers': { type: 'boolean', default: false },
    /** The last run's tables again, from what it left in the cache. */
    again: { type: 'boolean', default: false },
  },
});

/** By side, a score for each trial, in the order of the trials: small means drift. */
type Scores = Map<string, number[]>;

const wanted = madeDrifts.filter(({ strength }) => options.strengths.split(',').includes(strength));
const driftNames = [...wanted.map(({ name }) => name).sort(), ...shares.map((share) => `class-${share}`)];
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
  const drifts = rounds.drift > 0 ? wanted : [];
  const arrays = await makeArrays(options.pictures, options.backbone, cache, drifts);
  const trials = drawTrials(arrays.pool, arrays.withheld, drifts, rounds);
  const { dimensions, classes } = arrays;
  const content = JSON.stringify({ dimensions, classes, statistics: pictureStatistics, trials });
  const listed = join(cache, 'trials.json');
  if (options.again && readFileSync(listed, 'utf8') !== content) {
    console.error(`${listed} is of other windows: --again wants the options of the last run.`);
    process.exitCode = 1;
    return;
  }
  writeFileSync(listed, content);
  const own = join(cache, 'drover.json');
  if (!options.again) writeFileSync(own, JSON.stringify(await drover(trials, arrays, cache)));
  const { scores, alarms } = ownSchema.parse(JSON.parse(readFileSync(own, 'utf8')));
  const rowOf = (drift: string): string => {
    const called = alarms.filter((_, at) => trials[at]?.drift === drift);
    return shareText(called.filter(Boolean).length, called.length);
  };
  console.log(`References of ${sizes.reference}, windows of ${sizes.window}.\n`);
  const named = drifts.length > 0 ? ['none', ...driftNames] : ['none'];
  console.log(
    markdownTable(
      ['windows called drift, % (95 %)', `Drover at its own level of 2 %`],
      named.map((drift) => [drift, rowOf(drift)]),
    ),
  );
  if (drifts.length === 0) return;
  const others = options['no-peers'] ? new Map<string, number[]>() : await peers(cache);
  report(trials, new Map([...Object.entries(scores), ...others]));
}

/** What is kept of Drover's own part: scores by side, and whether each window was called drift; in the order of the trials. */
const ownSchema = z.object({
  scores: z.record(z.string(), z.array(z.number())),
  alarms: z.array(z.boolean()),
});

async function drover(
  trials: readonly Trial[],
  arrays: Arrays,
  cache: string,
): Promise<z.infer<typeof ownSchema>> {
  const settings = driftSettingsSchema.parse({ permutations: 999 });
  const files = new Map<string, Observations>();
  const of = (name: string): Observations => {
    const known = files.get(name) ?? readArrays(arrays, cache, name);
    files.set(name, known);
    return known;
  };
  const scores: Scores = new Map();
  const alarms: boolean[] = [];
  for (const [at, { reference, window }] of trials.entries()) {
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
    alarms.push(findings.verdict === 'drift');
    if (at % 50 === 49) console.error(`${at + 1} of ${trials.length} windows …`);
  }
  return { scores: Object.fromEntries(scores), alarms };
}

const lineSchema = z.object({ scores: z.record(z.string(), z.number()) });

async function peers(cache: string): Promise<Scores> {
  const kept = join(cache, 'peers.jsonl');
  if (!options.again) {
    const requirements = join(__dirname, 'peers', 'requirements.txt');
    const python = options.python ?? (await pythonPeers(options.cache, requirements));
    const script = join(__dirname, 'peers', 'peers.py');
    const { stdout } = await promisify(execFile)(python, ['-B', script, cache], { maxBuffer: 1 << 26 });
    writeFileSync(kept, stdout);
  }
  const scores: Scores = new Map();
  for (const line of readFileSync(kept, 'utf8').trim().split('\n')) {
    for (const [side, score] of Object.entries(lineSchema.parse(JSON.parse(line)).scores)) {
      scores.set(side, [...(scores.get(side) ?? []), score]);
    }
  }
  return scores;
}

function report(trials: readonly Trial[], scores: Scores): void {
  const of = (values: readonly number[], drift: string) =>
    values.filter((_, at) => trials[at]?.drift === drift);
  const sides = [...scores].map(([side, values]) => ({
    side,
    values,
    none: of(values, 'none'),
    threshold: thresholdOf(of(values, 'none')),
  }));
  console.log(
    '\nAt matched false alarm: a level for each side at which it alarms in at most 2 % of the windows without drift.\n',
  );
  const rows = sides.map(({ side, values, none, threshold }) => [
    side,
    String(alarmsOf(none, threshold)),
    ...driftNames.map((drift) => {
      const some = of(values, drift);
      return shareText(alarmsOf(some, threshold), some.length);
    }),
  ]);
  console.log(markdownTable(['windows found, % (95 %)', 'false alarms', ...driftNames], rows));
  const own = sides.find(({ side }) => side === ours);
  if (!own) return;
  const random = createRandom('drift differences');
  const differences = sides
    .filter(({ side }) => !side.startsWith('Drover'))
    .map(({ side, values, none }) => [
      side,
      ...driftNames.map((drift) =>
        differenceText(
          { none: own.none, drift: of(own.values, drift) },
          { none, drift: of(values, drift) },
          random,
        ),
      ),
    ]);
  if (differences.length === 0) return;
  console.log(`\n${markdownTable(['Drover finds more, points (95 %)', ...driftNames], differences)}`);
}

void main();
