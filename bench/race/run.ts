import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openStore } from '../../lib/storage/open-store';
import { pythonPeers } from '../peers';
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
    ways: { type: 'string', default: 'Drover' },
    slots: { type: 'string', default: '2' },
    metrics: { type: 'string', default: 'validation_accuracy,validation_loss' },
    /** Measures start-ups and epochs, and writes them to costs.json. */
    measure: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    /** Real trainings until validation_accuracy is met, one seed. */
    real: { type: 'boolean', default: false },
    target: { type: 'string' },
    seed: { type: 'string', default: '1' },
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
    // The one that bench/search/table/record.ts has made.
    const store = openStore(join(options.cache, 'search', 'home', 'store'), {});
    const pictures = join(options.cache, 'search', 'pictures');
    await writePictures(store, pictures);
    if (options.measure) return measure(store, python, pictures, Number(options.rounds));
    const same = { slots, seed: Number(options.seed), epochs: Number(options.epochs) };
    const ways = [droverWay({ store, ...same }), ...peerWays({ python, pictures, ...same })];
    for (const way of ways) {
      const met = await race(way, Number(options.target));
      console.log(`${way.name}: ${met.seconds.toFixed(1)} s, ${met.looks} figures of ${met.trials} trials`);
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
