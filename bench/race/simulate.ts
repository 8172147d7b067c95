import { medianOf, ratioOfMedians } from '../figures';
import { wholeTable } from '../search/table/read';
import { markdownTable } from '../table';
import { runByClock, type Met, type Sweep } from './clock';
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
export const randomTrials = 30;
const asha = (min_epochs: number) =>
  ({ type: 'asha', min_epochs, max_epochs: 25, eta: 3, cutoff: 'share' }) as const;
const hyperband = { type: 'hyperband', min_iter: 3, eta: 3, strict: true } as const;

/** Epochs without a better one after which a training ends. */
const patience = 5;

/** Drover's ways. */
const ways: Readonly<Record<string, DroverWay>> = {
  'Drover: bayes, patience 5': { method: 'bayes', patience },
  'Drover: tpe, patience 5': { method: 'tpe', patience },
  'Drover: tpe, asha from epoch 1': { method: 'tpe', early: asha(1) },
  'Drover: tpe, asha from epoch 3': { method: 'tpe', early: asha(3) },
  'Drover: bayes, asha from epoch 9': { method: 'bayes', early: asha(9) },
  'Drover: bayes, hyperband from 3': { method: 'bayes', early: hyperband },
  'Drover: tpe, none stopped': { method: 'tpe' },
  'Drover: bayes, none stopped': { method: 'bayes' },
};

const metrics: readonly Metric[] = [
  { name: 'validation_accuracy', goal: 'maximize' },
  { name: 'validation_loss', goal: 'minimize' },
];

/** A share of one third is known to so much on 671 pictures: its standard error. Of the loss, 1 %. */
const nearly = { validation_accuracy: -0.018, validation_loss: 0.02 } as const;

export interface SimulationOptions {
  /** Of `validation_accuracy` and `validation_loss`. */
  readonly metrics: readonly string[];
  readonly seeds: number;
  readonly first: number;
  /** Only those of Drover's ways whose name has one of these in it. */
  readonly ways: readonly string[];
  readonly slots: number;
  /** With Optuna. */
  readonly python: string;
}

/** By side; of each seed, when it met its target. */
type Raced = Readonly<Record<string, readonly Met[]>>;

const random = 'random, a process a trial, Keras';
const optuna = 'Optuna, TPE and median, Keras';
const unpruned = 'Optuna, TPE, none stopped, Keras';
const patientRandom = 'random, a process a trial, Keras with patience 5';
const patientOptuna = 'Optuna, TPE, Keras with patience 5';
/** What Drover's ways are told as parts of. */
const others = [random, optuna, unpruned, patientRandom, patientOptuna];

/**
 * When every side met targets, by a clock that is reckoned from recorded trainings.
 *
 * @param targets - Lists of one target a seed.
 * @returns what came of each list.
 */
async function race(
  metric: Metric,
  targets: readonly (readonly number[])[],
  { seeds, first, ways: wanted, slots, python }: SimulationOptions,
): Promise<Raced[]> {
  const [table, costs] = [wholeTable(), readCosts()];
  const isMet = (value: number, target: number) =>
    metric.goal === 'minimize' ? value <= target : value >= target;
  const tasks = Array.from({ length: seeds }, (_, at) => ({
    ...{ table, costs, metric, seed: first + at },
    targets: targets.map((list) => list[at] ?? NaN),
  }));
  const run = (sweep: (ground: Ground) => Sweep) =>
    tasks.map((task) => runByClock(sweep(task), slots, task.targets, isMet));
  const study = (prunes: boolean, stalled?: number) =>
    optunaByClock(
      python,
      { table, costs },
      slots,
      tasks.map(({ seed, targets: own }) => ({
        ...{ seed, metric, targets: own, prunes },
        ...(stalled !== undefined && { patience: stalled }),
      })),
    );
  const met: Record<string, readonly Met[][]> = {
    [random]: run((ground) => randomSweep(ground)),
    [optuna]: await study(true),
    [unpruned]: await study(false),
    [patientRandom]: run((ground) => randomSweep(ground, patience)),
    [patientOptuna]: await study(false, patience),
  };
  for (const [name, way] of Object.entries(ways).filter(([of]) => wanted.some((part) => of.includes(part))))
    met[name] = run((ground) => droverSweep(ground, way));
  return targets.map((_, list) =>
    Object.fromEntries(Object.entries(met).map(([name, all]) => [name, all.map((own) => own[list])])),
  );
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

/** Seconds; Infinity of a seed that never met its target, so that a median is told where most have. */
const secondsOf = (met: readonly Met[]) => met.map((one) => one?.at ?? Infinity);

function show(raced: Raced): string {
  const rows = Object.entries(raced).map(([name, met]) => {
    const own = secondsOf(met);
    const ratio = (of: string): string => {
      if (!name.startsWith('Drover')) return '';
      const { ratio: middle, low, high } = ratioOfMedians(own, secondsOf(raced[of] ?? []));
      const told = (value: number) => (Number.isNaN(value) ? '?' : value.toFixed(2));
      return `${told(middle)} (${told(low)}–${told(high)})`;
    };
    const trials = medianOf(met.map((one) => one?.trials ?? Infinity));
    return [
      name,
      medianOf(own).toFixed(0),
      `${met.filter((one) => one !== undefined).length} of ${met.length}`,
      trials.toFixed(0),
      ...others.map(ratio),
    ];
  });
  return markdownTable(
    [
      ...[
        '',
        'median seconds',
        'met by',
        'trials begun',
        'of random',
        'of Optuna',
        'of Optuna, none stopped',
      ],
      ...['of random with patience', 'of Optuna with patience'],
    ],
    rows,
  );
}

/** Prints each metric's race: to one target for all seeds, and to each seed's own. */
export async function simulate(options: SimulationOptions): Promise<Record<string, unknown>> {
  const results: Record<string, unknown> = {};
  for (const metric of metrics.filter(({ name }) => options.metrics.includes(name))) {
    const ends = Array.from({ length: options.seeds }, (_, at) =>
      randomEnd(metric, options.first + at, options.slots),
    );
    const own = ends.map(({ best }) => best);
    const fixed = medianOf(own);
    const near = fixed + nearly[metric.name];
    const lists = [own.map(() => fixed), own, own.map(() => near)];
    const [toFixed = {}, toOwn = {}, toNear = {}] = await race(metric, lists, options);
    const whole = medianOf(ends.map(({ at }) => at));
    console.log(`\n${metric.name}; ${randomTrials} random trials to their end: ${whole.toFixed(0)} s`);
    console.log(`\nto ${fixed.toFixed(4)}, the median of what they end with\n\n${show(toFixed)}`);
    console.log(`\nto what the seed's own ${randomTrials} random trials end with\n\n${show(toOwn)}`);
    console.log(`\nto ${near.toFixed(4)}, nearly that median\n\n${show(toNear)}`);
    results[metric.name] = { own, whole, toFixed, toOwn, near, toNear };
  }
  return results;
}
