import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Store } from '../../lib/storage/store';
import { pythonPeers } from '../peers';
import { preparedStore } from '../search/table/prepare';
import { droverWay } from './drover';
import { KeptSides } from './kept-sides';
import { measure } from './measure';
import { writePictures } from './pictures';
import { endsOf, peerWays, type Way } from './real';
import { raceSeeds } from './real-seeds';
import { randomTrials, simulate } from './simulate';
import { medianRandomEnd, meets } from './target';

/** How soon a sweep is as good as a random one of 30 trials, beside W&B's way and Optuna's. See bench/README.md. */
const { values: options } = parseArgs({
  options: {
    /** How many, by the reckoned clock; with --real, which: 1,2,3. */
    seeds: { type: 'string' },
    first: { type: 'string', default: '1' },
    /** Those whose names have one of these in them. */
    ways: { type: 'string', default: 'Drover: bayes, patience 5' },
    slots: { type: 'string', default: '2' },
    metrics: { type: 'string', default: 'validation_accuracy,validation_loss' },
    /** Measures start-ups and epochs, and writes them to costs.json. */
    measure: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    /** Real trainings until a validation accuracy is met. */
    real: { type: 'boolean', default: false },
    /** That accuracy; left out, the median of what 30 of a random sweep's trials end with, by so many of them. */
    target: { type: 'string' },
    'target-trials': { type: 'string', default: '90' },
    /** Seconds after which a side that has not met the target is let go. */
    cap: { type: 'string', default: '600' },
    pictures: { type: 'string', default: resolve(__dirname, '../../../shared/data/animals10') },
    epochs: { type: 'string', default: '25' },
    cache: { type: 'string', default: join(homedir(), '.cache', 'drover', 'bench') },
    out: { type: 'string', default: 'bench-race.json' },
  },
});

async function main(): Promise<void> {
  const requirements = join(__dirname, 'peers', 'requirements.txt');
  const python = await pythonPeers(options.cache, requirements);
  const slots = Number(options.slots);
  if (options.measure || options.real) {
    const work = join(options.cache, 'search');
    const store = await preparedStore({ pictures: options.pictures, work });
    const pictures = join(work, 'pictures');
    await writePictures(store, pictures);
    if (options.measure) return measure(store, python, pictures, Number(options.rounds));
    await real(store, python, pictures);
    return;
  }
  const results = await simulate({
    metrics: options.metrics.split(','),
    first: Number(options.first),
    ways: options.ways.split(';'),
    seeds: Number(options.seeds ?? '20'),
    slots,
    python,
  });
  writeFileSync(options.out, `${JSON.stringify(results)}\n`);
}

async function real(store: Store, python: string, pictures: string): Promise<void> {
  const cutOff = new AbortController();
  const cut = () => cutOff.abort(new Error('Cut off. What has ended is kept: the same command goes on.'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, cut);
  const same = { slots: Number(options.slots), epochs: Number(options.epochs) };
  const target =
    options.target === undefined
      ? await realTarget(
          peerWays({ python, pictures, seed: targetSeed, ...same })[0],
          same.epochs,
          cutOff.signal,
        )
      : numberOf('target', options.target);
  await raceSeeds({
    ...same,
    seeds: (options.seeds ?? '1,2,3').split(',').map((seed) => numberOf('seeds', seed)),
    target,
    cap: numberOf('cap', options.cap),
    waysOf: (seed) => [droverWay({ store, seed, ...same }), ...peerWays({ python, pictures, seed, ...same })],
    kept: new KeptSides(join(options.cache, 'race-real.json')),
    cutOff: cutOff.signal,
  });
}

/** Of no race. */
const targetSeed = 0;

/** What a random sweep's trials end with is found once, and kept. */
async function realTarget(random: Way, epochs: number, cutOff: AbortSignal): Promise<number> {
  const trials = numberOf('target-trials', options['target-trials']);
  const file = join(options.cache, `race-ends-${trials}-${epochs}.json`);
  if (!existsSync(file)) {
    console.log(`What ${trials} whole trials of "${random.name}" end with, some 9 s each:`);
    const ends = await endsOf(random, { trials, epochs }, cutOff);
    writeFileSync(file, `${JSON.stringify(ends)}\n`);
  }
  const ends = z
    .array(z.number())
    .length(trials)
    .parse(JSON.parse(readFileSync(file, 'utf8')));
  const target = medianRandomEnd(ends, randomTrials);
  const met = ends.filter((end) => meets(end, target)).length;
  console.log(
    `The median of what ${randomTrials} of them end with is ${target}, which ${met} of ${trials} meet.`,
  );
  return target;
}

function numberOf(name: string, text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value)) throw new Error(`--${name}: expected a number, found "${text}"`);
  return value;
}

void main();
