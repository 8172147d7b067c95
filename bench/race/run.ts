import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Store } from '../../lib/storage/store';
import { pythonPeers } from '../peers';
import { preparedStore } from '../search/table/prepare';
import { wholeTable } from '../search/table/read';
import { droverWay } from './drover';
import { KeptSides } from './kept-sides';
import { measure } from './measure';
import { writePictures } from './pictures';
import { peerWays } from './real';
import { raceSeeds } from './real-seeds';
import { randomTrials, simulate } from './simulate';
import { medianRandomEnd } from './target';

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
    /** That accuracy; the median of what 30 random trials of the table end with. */
    target: { type: 'string' },
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
  await raceSeeds({
    ...same,
    seeds: (options.seeds ?? '1,2,3').split(',').map((seed) => numberOf('seeds', seed)),
    target: numberOf('target', options.target ?? String(medianRandomEnd(wholeTable(), randomTrials))),
    cap: numberOf('cap', options.cap),
    waysOf: (seed) => [droverWay({ store, seed, ...same }), ...peerWays({ python, pictures, seed, ...same })],
    kept: new KeptSides(join(options.cache, 'race-real.json')),
    cutOff: cutOff.signal,
  });
}

function numberOf(name: string, text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value)) throw new Error(`--${name}: expected a number, found "${text}"`);
  return value;
}

void main();
