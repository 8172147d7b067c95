import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  executeChild,
  isCancellation,
  patched,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { StartInput } from '../contracts/inputs';
import { queryNames, trialEpochs, type TrialEpochs } from '../contracts/messages';
import { workflowIds } from '../contracts/names';
import type { Leaderboard } from '../contracts/progress';
import type { ConfigRef, PreparedRef } from '../contracts/refs';
import type { SweepResult } from '../contracts/results';
import type { SweepConfig } from '../contracts/schemas/sweep';
import type { SweepRecord, SweepRecordPart } from '../contracts/schemas/sweep-record';
import { trialsInPiece } from '../contracts/trial-pieces';
import { quick } from './activities';
import { preparedToUse } from './dataset';
import { leaderboardDetails, oneLine } from './details';
import { EarlyStopping, type Job } from './early-stopping';
import { rootCause } from './failures';
import { keepRecord } from './keep-record';
import { attribute } from './search-attributes';
import { showDetails } from './show-details';
import { Steering, type SteeringState } from './steering';
import { sweepInLanes } from './sweep-in-lanes';
import { sweepResult } from './sweep-result';
import { train } from './train';
import { Trials, type Trial } from './trials';

/**
 * After so many trials begun, or events, a run of the workflow begins no more, and the sweep goes on as a new one: Temporal
 * ends a workflow at 51,200 events, and reads all of them to go on after a restart.
 */
const mostPerRun = { trials: 200, events: 4000, bytes: 16e6 };

/** Trials at once while nobody knows how many gpu slots there are. */
const unknownSlots = 2;

/** How often slots are counted while all that there were are taken. */
const countEvery = '10 minutes';

/** Of a search that has no end of its own. */
export const usualCap = 10;

/** What goes from one run of the workflow to the next. */
export interface SweepMemory {
  readonly config: SweepConfig;
  readonly ref: ConfigRef;
  readonly prepared: PreparedRef;
  /** The same in words, where it was known at the start. */
  readonly pictures?: string;
  readonly warnings: readonly string[];
  /** Milliseconds since 1970. */
  readonly began: number;
  /** How many there are: what is known of them is in the sweep's record. */
  readonly trials: number;
  readonly best: Pick<Trial, 'trial' | 'result'> | undefined;
  readonly steering: SteeringState;
}

/**
 * A search over run configurations: each trial is a `train` child, and at most `parallelism` are under way. A trial that
 * fails is a row in the leaderboard; the sweep fails where none finished, or more failed than `failures` bears. It is
 * steered while it runs by the updates of `contracts/messages.ts`.
 *
 * @param memory - Of the run before, where this one goes on from it.
 */
export async function sweep(input?: StartInput, memory?: SweepMemory): Promise<SweepResult> {
  if (!patched('steered-sweep')) return sweepInLanes(input);
  const sweepId = workflowInfo().workflowId;
  upsertSearchAttributes([{ key: attribute.sweep, value: sweepId }]);
  const begun = memory ?? (await begin(input));
  const { config, ref, prepared, pictures, warnings } = begun;
  const { metric } = config;

  const trials = new Trials(sweepId, metric, await recalled(sweepId, begun));
  const early = new EarlyStopping(config, sweepId, trials);
  const scopes = new Map<number, CancellationScope>();
  const steering = new Steering(begun.steering, {
    trials,
    check: (parameters) => quick.checkTrial({ sweep: ref, parameters }),
    stopTrial: (trial) => {
      if (trials.get(trial)?.state === 'paused') {
        trials.change(trial, { state: 'stopped', ...steering.stopOf(trial) });
      }
      scopes.get(trial)?.cancel();
    },
    changed: () => show(),
  });
  const recorded = begun.trials > 0 ? { recorded: { sweep: sweepId, trials: begun.trials } } : {};
  let exhausted = false;
  let starting = false;
  let defect: Error | undefined;

  const board = (): Leaderboard => ({
    ...trials.board(steering.expected(exhausted)),
    ...steering.told(),
    ...(pictures !== undefined && { pictures }),
    ...(warnings.length > 0 && { warnings }),
  });
  const show = (): void => showDetails(leaderboardDetails(board(), warnings));
  const put = (trial: number, changes: Partial<Trial>): void => {
    trials.change(trial, changes);
    show();
  };
  const record = (from?: number, to?: number): SweepRecord => ({
    sweep: sweepId,
    // What it was told meanwhile is what it was: a report says `8 of at most 8`.
    config: steering.wasCapped ? { ...config, run_cap: steering.runCap } : config,
    prepared,
    ...(warnings.length > 0 && { warnings }),
    began: begun.began,
    trials: trials.records(from, to),
  });
  setHandler(defineQuery<Leaderboard>(queryNames.leaderboard), board);
  setHandler(defineQuery<SweepRecordPart, [unknown]>(queryNames.record), (from) => {
    const place = placeOf(from);
    const part = record(place);
    const next = place + part.trials.length;
    return { ...part, of: trials.size, ...(next < trials.size && { next }) };
  });
  setHandler(defineSignal<[TrialEpochs]>(trialEpochs), (told) => {
    for (const { trial, why } of early.hear(told)) steering.stopTrial(trial, why, 'rule');
    show();
  });
  steering.listen();

  /** A trial's training: to its end, or to a rung, from which it goes straight on where the sweep's target is reached. */
  const runTrial = async (trial: number, runConfig: Readonly<Record<string, unknown>>, to?: number) => {
    const asked = { config: runConfig, prepared };
    let until = to;
    try {
      for (;;) {
        const part = early.partOf(trial, until, patched('told-when-stopped'), scopes.size);
        const { result, run, metrics, epochs, seconds, values } = await executeChild(train, {
          workflowId: workflowIds.trial(sweepId, trial),
          args: part ? [asked, part] : [asked],
          staticSummary: oneLine(trials.get(trial)?.parameters ?? {}),
          typedSearchAttributes: [{ key: attribute.sweep, value: sweepId }],
        });
        const value = metrics[metric.name];
        const known = trials.get(trial);
        // Somebody may have killed it while it came to a rung.
        const isKilled = result === undefined && steering.wasStopped(trial);
        const rungs = known && early.rungsOf(known, value, result !== undefined);
        put(trial, {
          ...(isKilled
            ? { state: 'stopped', ...steering.stopOf(trial) }
            : { state: result ? 'finished' : 'paused' }),
          run,
          metric: value,
          epochs,
          ended: Date.now(),
          ...(seconds !== undefined && { seconds }),
          ...(values && { values }),
          ...(rungs && { rungs }),
          ...(result && { result: { run, result, metrics, epochs } }),
        });
        if (isKilled || !isReached(metric, value)) return;
        steering.stop('idle');
        if (result) return;
        until = undefined;
        put(trial, { state: 'running' });
      }
    } catch (error) {
      const ended = Date.now();
      if (!isCancellation(error)) put(trial, { state: 'failed', failure: rootCause(error), ended });
      else {
        put(trial, { state: 'stopped', ...steering.stopOf(trial), ended, ...soFar(trial) });
        if (CancellationScope.current().consideredCancelled && !steering.wasStopped(trial)) throw error;
      }
    }
  };

  /** The figures of a trial that was stopped on its way, as far as its sweep was told. */
  const soFar = (trial: number): Partial<Trial> => {
    const values = trials.get(trial)?.values ?? [];
    if (values.length === 0) return {};
    return { metric: metric.goal === 'minimize' ? Math.min(...values) : Math.max(...values) };
  };

  const start = async (job: Job): Promise<void> => {
    starting = true;
    try {
      const again = job.kind === 'promote' ? trials.get(job.trial) : undefined;
      const trial = again?.trial ?? trials.size + 1;
      const given = again?.parameters ?? steering.takeQueued();
      const suggestion = await quick.suggestTrial({
        sweep: ref,
        trial,
        ...(given && { parameters: given }),
        ...(config.method !== 'random' && !again && { observed: trials.seenSinceRecord(), ...recorded }),
        ...(steering.followsSlots && { countSlots: true }),
      });
      steering.follow(suggestion?.gpuSlots);
      if (suggestion === undefined) {
        exhausted = true;
        return;
      }
      // Somebody may have told the sweep to stop or to pause while it was asked, or killed the trial.
      const isWanted = again
        ? trials.get(trial)?.state === 'paused' && steering.takesPromotions()
        : steering.isOpen();
      if (!isWanted) {
        if (given && !again) steering.putBack(given);
        return;
      }
      const { parameters } = suggestion;
      if ('refused' in suggestion) {
        const now = Date.now();
        const { refused: failure } = suggestion;
        trials.put({ trial, parameters, state: 'failed', failure, began: now, ended: now });
        show();
        return;
      }
      const { config: runConfig, epochs: planned } = suggestion;
      if (again) put(trial, { state: 'running' });
      else {
        trials.put({ trial, parameters, state: 'running', began: Date.now(), ...(planned && { planned }) });
        show();
      }
      // The best one extended, or one added with epochs of its own: no rung ends it.
      const whole =
        !again && early.givesOutEpochs && given?.['epochs'] !== undefined && patched('own-epochs');
      if (whole) early.trainToTheEnd(trial);
      const scope = new CancellationScope({ cancellable: true });
      scopes.set(trial, scope);
      void scope
        .run(() => runTrial(trial, { ...runConfig }, whole ? undefined : job.until))
        .catch((error: unknown) => (defect ??= error instanceof Error ? error : new Error(String(error))))
        .finally(() => scopes.delete(trial));
    } finally {
      starting = false;
    }
  };

  const isIdle = (): boolean => scopes.size === 0 && !starting;
  const tooManyFailed = (): boolean =>
    config.failures !== undefined && trials.count('failed') > config.failures;
  const nextJob = (): Job | undefined => {
    if (!steering.isOpen() || scopes.size >= steering.parallelism) return undefined;
    return early.next(steering.hasQueued() || (!exhausted && trials.size < steering.runCap));
  };
  const isOver = (): boolean =>
    isIdle() &&
    // One that is under way may add a trial.
    allHandlersFinished() &&
    (steering.isStopping() || (steering.isOpen() && nextJob() === undefined));

  const search = async (): Promise<void> => {
    let begunHere = 0;
    for (;;) {
      const hasNews = (): boolean =>
        defect !== undefined || tooManyFailed() || isOver() || nextJob() !== undefined;
      if (!steering.followsSlots) await condition(hasNews);
      else if (!(await condition(hasNews, countEvery))) steering.follow(await quick.gpuSlots());
      if (!hasNews()) continue;
      if (defect !== undefined) throw defect;
      const job = nextJob();
      if (tooManyFailed() || job === undefined) return;
      const { historyLength, historySize } = workflowInfo();
      if (
        begunHere >= mostPerRun.trials ||
        historyLength > mostPerRun.events ||
        historySize > mostPerRun.bytes
      ) {
        await condition(() => isIdle() && allHandlersFinished());
        await keepRecord(trials, record);
        const best = trials.best();
        await continueAsNew<typeof sweep>(input, {
          ...begun,
          trials: trials.size,
          best: best && { trial: best.trial, ...(best.result && { result: best.result }) },
          steering: steering.state(),
        });
      }
      begunHere += 1;
      await start(job);
    }
  };

  try {
    await search();
    steering.end();
    const [longest] = trials.bestFirst().filter(({ state }) => state === 'paused');
    // A sweep by ASHA that is told to stop may have none that was trained to its end.
    if (longest && trials.best() === undefined && !tooManyFailed() && !steering.isStoppingNow()) {
      await start({ kind: 'promote', trial: longest.trial, until: undefined });
      await condition(isIdle);
    }
  } catch (error) {
    for (const scope of scopes.values()) scope.cancel();
    // They save their checkpoints first; a workflow that ended now would cut them off.
    await CancellationScope.nonCancellable(async () => {
      await condition(() => scopes.size === 0);
      await keepRecord(trials, record, Date.now());
    });
    throw error;
  }
  await condition(() => isIdle() && allHandlersFinished());
  if (defect !== undefined) throw defect;
  for (const { trial, state } of trials.all()) {
    if (state !== 'paused') continue;
    const why = early.whyNotPromoted(trial);
    const stop =
      why === undefined
        ? ({ why: 'the sweep ended', stoppedBy: 'hand' } as const)
        : { why, stoppedBy: 'rule' as const };
    put(trial, { state: 'stopped', ...stop });
  }
  await keepRecord(trials, record, Date.now());
  return sweepResult(trials, {
    prepared,
    metric: metric.name,
    failures: tooManyFailed() ? config.failures : undefined,
  });
}

async function begin(input: StartInput): Promise<SweepMemory> {
  const { config, ref, prepared, pictures, warnings } = await quick.resolveSweep(input);
  return {
    config,
    ref,
    warnings,
    prepared: await preparedToUse(prepared),
    ...(pictures !== undefined && { pictures }),
    began: Date.now(),
    trials: 0,
    best: undefined,
    steering: {
      mode: 'running',
      parallelism:
        config.parallelism === 'auto' ? ((await quick.gpuSlots()) ?? unknownSlots) : config.parallelism,
      follows: config.parallelism === 'auto',
      runCap: config.run_cap ?? (config.method === 'grid' ? undefined : usualCap),
      queued: config.enqueue ?? [],
    },
  };
}

/** The trials of the runs of this workflow before. */
async function recalled(sweep: string, { trials: count, best }: SweepMemory): Promise<Trial[]> {
  const pieces: Trial[][] = [];
  for (let known = 0; known < count;) {
    const skip = known % trialsInPiece;
    const piece = await quick.recallTrials({ sweep, first: known - skip, ...(skip > 0 && { skip }) });
    if (piece.length === 0) throw new Error(`the record of ${sweep} has ${known} trials of ${count}`);
    pieces.push(piece);
    known += piece.length;
  }
  return pieces
    .flat()
    .slice(0, count)
    .map((trial) => (trial.trial === best?.trial ? { ...trial, ...best } : trial));
}

/** Where a part of the record is to begin. @throws Error for what is no place. */
function placeOf(from: unknown = 0): number {
  if (typeof from === 'number' && Number.isInteger(from) && from >= 0) return from;
  throw new Error(
    `record takes the place of the first trial, counted from 0, or nothing; found ${JSON.stringify(from)}.`,
  );
}

function isReached({ goal, target }: SweepConfig['metric'], value: number | undefined): boolean {
  if (target === undefined || value === undefined) return false;
  return goal === 'minimize' ? value <= target : value >= target;
}
