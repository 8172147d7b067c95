import type { TrialSeen } from '../../contracts/search';
import type { HyperbandRule, MedianRule } from '../../contracts/schemas/early-terminate';
import { createRandom } from '../../lib/random';
import { parseSpace } from '../../lib/search/space';
import { nextAshaJob, type AshaRule, type AshaTrial } from '../../lib/search/stopping/asha';
import type { Curve, Goal } from '../../lib/search/stopping/curve';
import { stopDecision } from '../../lib/search/stopping/stop-decision';
import { suggest } from '../../lib/search/suggest';
import { cellEpochs, cellName, cellParameters, cells, cellValues, type Cell } from '../search/table/cells';
import type { RecordedRun } from '../search/table/read';
import type { Segment, Sweep } from './clock';
import type { Costs } from './costs';
import { epochsUntilStalled } from './patience';

export interface Metric {
  readonly name: 'validation_loss' | 'validation_accuracy';
  readonly goal: Goal;
}

/** What every sweep of a race stands on. */
export interface Ground {
  readonly table: ReadonlyMap<string, RecordedRun>;
  readonly costs: Costs;
  readonly metric: Metric;
  readonly seed: number;
}

export function curveOf({ table, metric }: Ground, cell: Cell): readonly number[] {
  const run = table.get(cellName(cell));
  if (run === undefined) throw new Error(`The table lacks ${cellName(cell)}`);
  return metric.name === 'validation_loss' ? run.loss : run.accuracy;
}

export function bestOf(goal: Goal, values: readonly number[]): number {
  return goal === 'minimize' ? Math.min(...values) : Math.max(...values);
}

/** A cell drawn at random, as each trial of a random sweep is, whatever came before. */
export function drawCell(seed: number, trial: number): Cell {
  const cell = cells[createRandom(seed).fork(`trial ${trial}`).int(cells.length)];
  if (cell === undefined) throw new Error('no cells');
  return cell;
}

function epochsOf({ table, metric }: Ground, cell: Cell, patience: number | undefined): number {
  const run = table.get(cellName(cell));
  if (run === undefined) throw new Error(`The table lacks ${cellName(cell)}`);
  return epochsUntilStalled(run, metric.name, patience);
}

/** Twenty times as many as there are settings: a target that isn't met by then may be one that patience can't meet. */
const mostRandom = 3000;

/** A process a trial, in Keras, every trial to its end, or until so many epochs were no better. */
export function randomSweep(ground: Ground, patience?: number): Sweep {
  const { costs, seed } = ground;
  let trials = 0;
  return {
    next() {
      if (trials === mostRandom) return undefined;
      trials += 1;
      const { process, trial } = costs.keras;
      const cell = drawCell(seed, trials);
      const epoch = costs.epoch.keras[cell.batch_size] ?? NaN;
      const to = epochsOf(ground, cell, patience);
      return { trial: trials, before: process + trial, after: 0, epoch, from: 0, to };
    },
    epochEnded: ({ trial }, epoch) => ({
      value: curveOf(ground, drawCell(seed, trial))[epoch - 1] ?? NaN,
      stopped: [],
    }),
    segmentEnded: () => undefined,
  };
}

const space = parseSpace(
  Object.fromEntries(
    cellParameters.map((name) => [
      name,
      { distribution: 'int_uniform', min: 0, max: cellValues[name].length - 1 },
    ]),
  ),
);

interface Trial {
  readonly trial: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly cell: Cell;
  /** The metric after each epoch so far. */
  values: readonly number[];
  /** The best so far at each rung. */
  rungs: readonly number[];
  state: 'running' | 'paused' | 'finished' | 'stopped';
}

export interface DroverWay {
  readonly method: 'random' | 'bayes' | 'tpe';
  /** None: every trial is trained to its end. */
  readonly early?: AshaRule | HyperbandRule | MedianRule;
  /** `train.early_stopping.patience`; not beside ASHA. */
  readonly patience?: number;
}

/** Drover's own sweep: its search, its early stopping, and a trainer process a segment. */
export function droverSweep(ground: Ground, { method, early, patience }: DroverWay): Sweep {
  const { costs, metric, seed } = ground;
  const { goal } = metric;
  const trials: Trial[] = [];
  const of = (trial: number): Trial => {
    const found = trials[trial - 1];
    if (found === undefined) throw new Error(`no trial ${trial}`);
    return found;
  };
  const endOf = ({ cell }: Trial): number => epochsOf(ground, cell, patience);
  const segment = (trial: Trial, until: number): Segment => {
    const to = Math.min(until, endOf(trial));
    return {
      trial: trial.trial,
      before: costs.drover.segment,
      after: to === endOf(trial) ? costs.drover.end : 0,
      epoch: costs.epoch.drover[trial.cell.batch_size] ?? NaN,
      from: trial.values.length,
      to,
    };
  };
  const begin = (to: number): Segment | undefined => {
    // A finite space that has been tried whole.
    if (trials.length === cells.length) return undefined;
    const observed = trials.map(({ trial, parameters, state, values }): TrialSeen => ({
      trial,
      parameters,
      state: state === 'paused' ? 'stopped' : state,
      ...(values.length > 0 && { value: bestOf(goal, values) }),
    }));
    const number = trials.length + 1;
    const parameters = suggest({ space, method, goal, seed, observed }, number) ?? {};
    const value = (name: keyof Cell) => cellValues[name][Number(parameters[name])] ?? NaN;
    const cell = { lr: value('lr'), batch_size: value('batch_size'), dropout: value('dropout') };
    const trial: Trial = { trial: number, parameters, cell, values: [], rungs: [], state: 'running' };
    trials.push(trial);
    return segment(trial, to);
  };
  return {
    next() {
      if (early?.type !== 'asha') return begin(cellEpochs);
      const standing = trials.map(({ trial, rungs, state }): AshaTrial => ({ trial, values: rungs, state }));
      const job = nextAshaJob(early, goal, standing, trials.length < cells.length);
      if (job === undefined) return undefined;
      if (job.kind === 'start') return begin(job.to);
      const trial = of(job.trial);
      trial.state = 'running';
      return segment(trial, job.to);
    },
    epochEnded({ trial: number }, epoch) {
      const trial = of(number);
      trial.values = curveOf(ground, trial.cell).slice(0, epoch);
      const value = trial.values[epoch - 1] ?? NaN;
      if (early === undefined || early.type === 'asha') return { value, stopped: [] };
      const curves = trials.map(({ trial: one, values, state }): Curve => ({
        trial: one,
        values,
        state: state === 'paused' ? 'running' : state,
      }));
      const stopped = trials.flatMap(({ trial: one, state }) =>
        state === 'running' && stopDecision(early, goal, curves, one).stop ? [one] : [],
      );
      for (const one of stopped) of(one).state = 'stopped';
      return { value, stopped };
    },
    segmentEnded({ trial: number, to }) {
      const trial = of(number);
      trial.rungs = [...trial.rungs, bestOf(goal, trial.values)];
      if (trial.state === 'running') trial.state = to === endOf(trial) ? 'finished' : 'paused';
    },
  };
}
