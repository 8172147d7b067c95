import type { EpochReport, TrainPart } from '../contracts/inputs';
import type { TrialEpochs } from '../contracts/messages';
import type { SweepConfig } from '../contracts/schemas/sweep';
import {
  ashaRungs,
  nextAshaJob,
  whyNotPromoted,
  type AshaRule,
  type AshaTrial,
} from '../lib/search/stopping/asha';
import type { Curve, Goal } from '../lib/search/stopping/curve';
import { hyperbandBands } from '../lib/search/stopping/hyperband';
import { stopDecision } from '../lib/search/stopping/stop-decision';
import type { Trial, Trials } from './trials';

/** What a free slot should do: `until` is the epoch to stop at, undefined where the trial is trained to its end. */
export type Job =
  | { readonly kind: 'begin'; readonly until: number | undefined }
  | { readonly kind: 'promote'; readonly trial: number; readonly until: number | undefined };

export interface Stopped {
  readonly trial: number;
  readonly why: string;
}

/** Signals that the trials under way may send, all together: Temporal takes 10,000 in one run of a workflow, and none ends before they have. */
const mostSignals = 8000;

type Judging = Exclude<NonNullable<SweepConfig['early_terminate']>, { type: 'asha' }>;

/** How a sweep spares work on trials that won't be the best, by the rule that its configuration names; without one, not at all. */
export class EarlyStopping {
  private readonly goal: Goal;
  private readonly asha: AshaRule | undefined;
  private readonly judging: Judging | undefined;
  /** The epochs that decide: of some rules, every one. */
  private readonly told: readonly number[] | undefined;
  private readonly epochs: number;
  private readonly metric: string;
  private readonly stopped = new Set<number>();
  private readonly toTheEnd = new Set<number>();

  constructor(
    { early_terminate: rule, metric, train }: SweepConfig,
    private readonly sweep: string,
    private readonly trials: Trials,
  ) {
    this.goal = metric.goal;
    this.metric = metric.name;
    this.epochs = train.epochs;
    if (rule?.type === 'asha') this.asha = { ...rule, max_epochs: rule.max_epochs ?? train.epochs };
    else this.judging = rule;
    // What lies between the bands decides nothing where only the figure at the band counts.
    this.told = rule?.type === 'hyperband' && rule.strict ? [...new Set(hyperbandBands(rule))] : undefined;
  }

  /**
   * @param mayBegin - Whether there may be a new trial.
   * @returns undefined where there is nothing to do, until a running trial ends.
   */
  next(mayBegin: boolean): Job | undefined {
    if (!this.asha) return mayBegin ? { kind: 'begin', until: undefined } : undefined;
    const job = nextAshaJob(this.asha, this.goal, this.onRungs(), mayBegin);
    if (job === undefined) return undefined;
    const until = job.to < this.asha.max_epochs ? job.to : undefined;
    return job.kind === 'start' ? { kind: 'begin', until } : { kind: 'promote', trial: job.trial, until };
  }

  /** Whether the rule says how many epochs a trial has. */
  get givesOutEpochs(): boolean {
    return this.asha !== undefined;
  }

  /** Of a trial that a person wants so many epochs of: it stands at no rung, and none stands behind it. */
  trainToTheEnd(trial: number): void {
    this.toTheEnd.add(trial);
  }

  /**
   * What a training has to know of it.
   *
   * @param whenStopped - Whether one that no rule judges tells how far it came, where it is stopped.
   * @param lanes - Trainings under way.
   */
  partOf(
    trial: number,
    until: number | undefined,
    whenStopped: boolean,
    lanes: number,
  ): TrainPart | undefined {
    const { sweep, metric, judging, told = judging ? undefined : [] } = this;
    const part = until === undefined ? undefined : { until };
    // A rule that judges gives out no epochs, and the one that does judges at rungs alone.
    if (!judging && !whenStopped) return part;
    return { ...part, report: { sweep, trial, metric, ...(told ? { at: told } : this.often(trial, lanes)) } };
  }

  /** Every epoch, or as often as the run of the sweep's workflow bears of a long training; at the bands in any case. */
  private often(trial: number, lanes: number): Pick<EpochReport, 'at' | 'every'> {
    const epochs = this.trials.get(trial)?.planned ?? this.epochs;
    const every = Math.ceil((epochs * lanes) / mostSignals);
    if (every <= 1) return {};
    return { every, ...(this.judging?.type === 'hyperband' && { at: hyperbandBands(this.judging) }) };
  }

  /** Takes a trial's curve, and says which trials are to be stopped for it. */
  hear({ trial, from = 0, values: since, run, seconds }: TrialEpochs): readonly Stopped[] {
    const rule = this.judging;
    const known = this.trials.get(trial);
    if (known?.state !== 'running') return [];
    const values = [...(known.values ?? []).slice(0, from), ...since];
    if (!rule) {
      this.trials.change(trial, { values, epochs: values.length, run, seconds });
      return [];
    }
    const stopped: Stopped[] = [];
    // Epoch by epoch: one message may bring several, and a rule looks at the newest.
    for (let epochs = known.values?.length ?? 0; epochs < values.length;) {
      epochs += 1;
      this.trials.change(trial, { values: values.slice(0, epochs), epochs, run, seconds });
      const curves = this.curves();
      for (const asked of this.askedAt(rule, trial, epochs)) {
        if (this.stopped.has(asked)) continue;
        const decision = stopDecision(rule, this.goal, curves, asked);
        if (!decision.stop) continue;
        this.stopped.add(asked);
        stopped.push({ trial: asked, why: decision.why });
      }
    }
    return stopped;
  }

  /** The metric at each rung once a trial has come to one, or to its end: those above it are the same then. */
  rungsOf({ trial, rungs = [] }: Trial, metric: number | undefined, ended: boolean): Trial['rungs'] {
    if (!this.asha || this.toTheEnd.has(trial)) return undefined;
    const left = ended ? ashaRungs(this.asha).length - rungs.length : 1;
    return [...rungs, ...new Array<number | null>(left).fill(metric ?? null)];
  }

  /** Why a trial that waits at a rung goes no further, once nothing more is begun. */
  whyNotPromoted(trial: number): string | undefined {
    return this.asha && whyNotPromoted(this.asha, this.goal, this.onRungs(), trial);
  }

  /** A band's threshold moves with each that reaches it, and W&B then asks again of all that run. */
  private askedAt(rule: Judging, trial: number, epochs: number): readonly number[] {
    if (rule.type !== 'hyperband' || !hyperbandBands(rule).includes(epochs)) return [trial];
    return this.trials.all().flatMap((one) => (one.state === 'running' ? [one.trial] : []));
  }

  private curves(): Curve[] {
    return this.trials.all().map(({ trial, values = [], state }) => ({
      trial,
      values,
      state: state === 'paused' ? 'running' : state,
    }));
  }

  private onRungs(): AshaTrial[] {
    return this.trials.all().map(({ trial, rungs = [], state }) => ({
      trial,
      values: rungs.map((value) => value ?? NaN),
      state,
    }));
  }
}
