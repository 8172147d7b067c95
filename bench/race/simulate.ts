import { medianOf, ratioOfMedians } from '../figures';
import { wholeTable } from '../search/table/read';
import { markdownTable } from '../table';
import { runByClock, type Met } from './clock';
import { readCosts } from './costs';
import { optunaByClock } from './optuna';
import {
  bestOf,
  curveOf,
  drawCell,
  droverSweep,
  randomSweep,
  type DroverWay,
  type Ground,
  type Metric,
} from './sweeps';

/** Trials of the random sweep whose end is the target. */
const randomTrials = 30;
/** More than a random sweep needs to meet what another one met. */
const seconds = 1e6;

const asha = (min_epochs: number) =>
  ({ type: 'asha', min_epochs, max_epochs: 25, eta: 3, cutoff: 'share' }) as const;
const hyperband = { type: 'hyperband', min_iter: 3, eta: 3, strict: true } as const;

/** Drover's ways; the first is the one that the bars are for. */
const ways: Readonly<Record<string, DroverWay>> = {
  'Drover: tpe, asha from epoch 1': { method: 'tpe', early: asha(1) },
  'Drover: tpe, asha from epoch 3': { method: 'tpe', early: asha(3) },
  'Drover: bayes, asha from epoch 1': { method: 'bayes', early: asha(1) },
  'Drover: bayes, hyperband from 3': { method: 'bayes', early: hyperband },
  'Drover: random, asha from epoch 1': { method: 'random', early: asha(1) },
};

const metrics: readonly Metric[] = [
  { name: 'validation_accuracy', goal: 'maximize' },
  { name: 'validation_loss', goal: 'minimize' },
];

export interface SimulationOptions {
  readonly seeds: number;
  readonly slots: number;
  /** With Optuna. */
  readonly python: string;
}

interface Raced {
  /** Seconds until the target, a seed each. */
  readonly times: Readonly<Record<string, readonly number[]>>;
  /** Trials begun by then. */
  readonly trials: Readonly<Record<string, readonly number[]>>;
}

const random = 'random, a process a trial, Keras';
const optuna = 'Optuna, TPE and median, Keras';

/** Times to a target a seed, of every side, by a clock that is reckoned from recorded trainings. */
async function race(
  metric: Metric,
  targets: readonly number[],
  { slots, python }: SimulationOptions,
): Promise<Raced> {
  const [table, costs] = [wholeTable(), readCosts()];
  const isMet = (target: number) => (value: number) =>
    metric.goal === 'minimize' ? value <= target : value >= target;
  const ground = (at: number): Ground => ({ table, costs, metric, seed: at + 1 });
  const met: Record<string, Met[]> = {
    [random]: targets.map((target, at) => runByClock(randomSweep(ground(at)), slots, isMet(target))),
    [optuna]: await optunaByClock(
      python,
      { table, costs },
      slots,
      targets.map((target, at) => ({ seed: at + 1, metric, target })),
    ),
  };
  for (const [name, way] of Object.entries(ways)) {
    met[name] = targets.map((target, at) => runByClock(droverSweep(ground(at), way), slots, isMet(target)));
  }
  const each = <Value>(of: (one: Met) => Value) =>
    Object.fromEntries(Object.entries(met).map(([name, all]) => [name, all.map(of)]));
  return { times: each((one) => one?.at ?? seconds), trials: each((one) => one?.trials ?? NaN) };
}

/** What a random sweep of 30 trials ends with, and when. */
function randomEnd(
  metric: Metric,
  seed: number,
  slots: number,
): { readonly best: number; readonly at: number } {
  const ground: Ground = { table: wholeTable(), costs: readCosts(), metric, seed };
  const values = Array.from({ length: randomTrials }, (_, at) =>
    bestOf(metric.goal, curveOf(ground, drawCell(seed, at + 1))),
  );
  const { keras, epoch } = ground.costs;
  const free = Array.from({ length: slots }, () => 0);
  for (let trial = 1; trial <= randomTrials; trial += 1) {
    const soonest = free.indexOf(Math.min(...free));
    const own = keras.process + keras.trial + 25 * (epoch.keras[drawCell(seed, trial).batch_size] ?? NaN);
    free[soonest] = (free[soonest] ?? 0) + own;
  }
  return { best: bestOf(metric.goal, values), at: Math.max(...free) };
}

function show({ times, trials }: Raced): string {
  const rows = Object.entries(times).map(([name, own]) => {
    const ratio = (of: string): string => {
      if (name === of || !name.startsWith('Drover')) return '';
      const { ratio: middle, low, high } = ratioOfMedians(own, times[of] ?? []);
      return `${middle.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
    };
    const failed = own.filter((time) => time === seconds).length;
    return [
      name,
      `${medianOf(own).toFixed(0)}${failed > 0 ? ` (${failed} never)` : ''}`,
      medianOf(trials[name] ?? []).toFixed(0),
      ratio(random),
      ratio(optuna),
    ];
  });
  return markdownTable(['', 'median seconds', 'trials begun', 'of random', 'of Optuna'], rows);
}

/** Prints each metric's race: to one target for all seeds, and to each seed's own. */
export async function simulate(options: SimulationOptions): Promise<Record<string, unknown>> {
  const results: Record<string, unknown> = {};
  for (const metric of metrics) {
    const ends = Array.from({ length: options.seeds }, (_, at) => randomEnd(metric, at + 1, options.slots));
    const own = ends.map(({ best }) => best);
    const fixed = medianOf(own);
    const whole = medianOf(ends.map(({ at }) => at));
    for (const [title, targets] of [
      [
        `to ${fixed.toFixed(4)}, the median of what ${randomTrials} random trials end with`,
        own.map(() => fixed),
      ],
      [`to what the seed's own ${randomTrials} random trials end with`, own],
    ] as const) {
      const raced = await race(metric, targets, options);
      console.log(`\n${metric.name} ${title}; those trials to their end: ${whole.toFixed(0)} s\n`);
      console.log(show(raced));
      results[`${metric.name}, ${title}`] = { targets, whole, ...raced };
    }
  }
  return results;
}
