import { parseArgs } from 'node:util';
import { outcomes, sweepUnderKills } from '../../tests/support/chaotic-sweep';
import { markdownTable } from '../table';

/**
 * A sweep of real trainings, once undisturbed and once under `kill -9` of workers, of Temporal's server, and of everything;
 * then both tables side by side. `npm run bench -- sweep-chaos --kills 20`
 */
const { values: options } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    trials: { type: 'string', default: '16' },
    seed: { type: 'string', default: '1' },
  },
});

const config = {
  method: 'tpe',
  metric: { name: 'validation_accuracy', goal: 'maximize' },
  parameters: {
    lr: { distribution: 'log_uniform_values', min: 1e-4, max: 3e-2 },
    batch_size: { values: [8, 16, 32] },
    'network.dropout': { min: 0.0, max: 0.5 },
  },
  early_terminate: { type: 'asha', min_epochs: 10, max_epochs: 90 },
  run_cap: Number(options.trials),
  // One after the other: the order of results is the same, and so must be what the search makes of it.
  parallelism: 1,
  train: { network: { name: 'cnn', filters: [16, 32], dense: 64 }, checkpoint_every: '1s' },
};

async function main(): Promise<void> {
  const chaos = {
    config,
    seed: options.seed,
    variations: 12,
    pause: [500, 3500],
    say: (line: string) => void process.stderr.write(`${line}\n`),
  } as const;
  const calm = await sweepUnderKills({ ...chaos, kills: 0 });
  process.stderr.write(`undisturbed: ${calm.seconds.toFixed(0)} s\n`);
  const killed = await sweepUnderKills({ ...chaos, kills: Number(options.kills) });
  const [expected, found] = [outcomes(calm.record), outcomes(killed.record)];
  const rows = killed.record.trials.map((trial, at) => [
    String(trial.trial),
    ...Object.values(trial.parameters).map((value) =>
      typeof value === 'number' ? String(Number(value.toPrecision(4))) : JSON.stringify(value),
    ),
    trial.state,
    `${trial.epochs ?? 0} of ${trial.planned ?? 0}`,
    (trial.metric ?? NaN).toFixed(4),
    trial.run ?? '',
    found[at] === expected[at] ? 'the same' : 'DIFFERS',
  ]);
  const names = Object.keys(killed.record.trials[0]?.parameters ?? {});
  const headings = ['trial', ...names, 'state', 'epochs', config.metric.name, 'run', 'undisturbed'];
  console.log(markdownTable(headings, rows));
  console.log(
    `\n${options.kills} kills: ${killed.seconds.toFixed(0)} s; undisturbed: ${calm.seconds.toFixed(0)} s.`,
  );
  if (expected.join() !== found.join()) process.exitCode = 1;
}

void main();
