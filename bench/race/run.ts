import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pythonPeers } from '../peers';
import { preparedStore } from '../search/table/prepare';
import { droverWay } from './drover';
import { measure } from './measure';
import { writePictures } from './pictures';
import { peerWays, race } from './real';
import { simulate } from './simulate';

/** How soon a sweep is as good as a random one of 30 trials, beside W&B's way and Optuna's. See bench/README.md. */
const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    first: { type: 'string', default: '1' },
    /** Those whose names have one of these in them. */
    ways: { type: 'string', default: 'Drover: bayes, patience 5' },
    slots: { type: 'string', default: '2' },
    metrics: { type: 'string', default: 'validation_accuracy,validation_loss' },
    /** Measures start-ups and epochs, and writes them to costs.json. */
    measure: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    /** Real trainings until validation_accuracy is met, one seed. */
    real: { type: 'boolean', default: false },
    target: { type: 'string', default: '0.34' },
    seed: { type: 'string', default: '1' },
    /** Seconds after which a side that has not met the target is let go. */
    limit: { type: 'string', default: '280' },
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
    const same = { slots, seed: Number(options.seed), epochs: Number(options.epochs) };
    const ways = [droverWay({ store, ...same }), ...peerWays({ python, pictures, ...same })];
    const [target, limit] = [Number(options.target), Number(options.limit)];
    console.log(`Until a validation accuracy of ${target}, ${limit} s at most:`);
    for (const way of ways) {
      const met = await race(way, target, limit);
      const told = met && `${met.seconds.toFixed(1)} s, ${met.looks} figures of ${met.trials} trials`;
      console.log(`${way.name}: ${told ?? `not within ${limit} s`}`);
    }
    return;
  }
  const results = await simulate({
    metrics: options.metrics.split(','),
    first: Number(options.first),
    ways: options.ways.split(';'),
    seeds: Number(options.seeds),
    slots,
    python,
  });
  writeFileSync(options.out, `${JSON.stringify(results)}\n`);
}

void main();
