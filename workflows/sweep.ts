import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  executeChild,
  isCancellation,
  patched,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { StartInput } from '../contracts/inputs';
import { queryNames } from '../contracts/messages';
import { workflowIds } from '../contracts/names';
import type { Leaderboard } from '../contracts/progress';
import type { ConfigRef, PreparedRef } from '../contracts/refs';
import type { SweepResult } from '../contracts/results';
import type { SweepConfig } from '../contracts/schemas/sweep';
import { quick } from './activities';
import { preparedToUse } from './dataset';
import { leaderboardDetails, oneLine } from './details';
import { rootCause } from './failures';
import { attribute } from './search-attributes';
import { showDetails } from './show-details';
import { Steering, type SteeringState } from './steering';
import { sweepInLanes } from './sweep-in-lanes';
import { train } from './train';
import { Trials, type Trial } from './trials';

/** A run of the workflow begins so many trials at most, then goes on as a new one: its history stays short. */
const trialsPerRun = 200;

/** Of a search that has no end of its own. */
export const usualCap = 10;

/** What goes from one run of the workflow to the next. */
export interface SweepMemory {
  readonly config: SweepConfig;
  readonly ref: ConfigRef;
  readonly prepared: PreparedRef;
  readonly warnings: readonly string[];
  readonly trials: readonly Trial[];
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
  const { config, ref, prepared, warnings } = begun;
  const { metric } = config;

  const trials = new Trials(metric, begun.trials);
  const scopes = new Map<number, CancellationScope>();
  const steering = new Steering(begun.steering, {
    trials,
    check: (parameters) => quick.checkTrial({ sweep: ref, parameters }),
    stopTrial: (trial) => scopes.get(trial)?.cancel(),
    changed: () => show(),
  });
  let exhausted = false;
  let suggesting = false;
  let defect: Error | undefined;

  const board = (): Leaderboard => ({ ...trials.board(steering.expected(exhausted)), ...steering.told() });
  const show = (): void => showDetails(leaderboardDetails(board(), warnings));
  const put = (trial: Trial): void => {
    trials.put(trial);
    show();
  };
  setHandler(defineQuery<Leaderboard>(queryNames.leaderboard), board);
  steering.listen();

  const runTrial = async (row: Omit<Trial, 'state'>, runConfig: Readonly<Record<string, unknown>>) => {
    try {
      const result = await executeChild(train, {
        workflowId: row.workflowId,
        args: [{ config: runConfig, prepared }],
        staticSummary: oneLine(row.parameters),
        typedSearchAttributes: [{ key: attribute.sweep, value: sweepId }],
      });
      put({ ...row, state: 'finished', run: result.run, metric: result.metrics[metric.name], result });
      if (isReached(metric, result.metrics[metric.name])) steering.stop('idle');
    } catch (error) {
      if (!isCancellation(error)) put({ ...row, state: 'failed', failure: rootCause(error) });
      else if (CancellationScope.current().consideredCancelled && !steering.wasStopped(row.trial))
        throw error;
      else put({ ...row, state: 'stopped', why: steering.whyStopped(row.trial) });
    }
  };

  const startNext = async (): Promise<void> => {
    suggesting = true;
    try {
      const trial = trials.size + 1;
      const given = steering.takeQueued();
      const suggestion = await quick.suggestTrial({
        sweep: ref,
        trial,
        ...(given && { parameters: given }),
        ...(config.method !== 'random' && { observed: trials.seen() }),
      });
      if (suggestion === undefined) {
        exhausted = true;
        return;
      }
      const row = {
        trial,
        parameters: suggestion.parameters,
        workflowId: workflowIds.trial(sweepId, trial),
      };
      put({ ...row, state: 'running' });
      const scope = new CancellationScope({ cancellable: true });
      scopes.set(trial, scope);
      void scope
        .run(() => runTrial(row, { ...suggestion.config }))
        .catch((error: unknown) => (defect ??= error instanceof Error ? error : new Error(String(error))))
        .finally(() => scopes.delete(trial));
    } finally {
      suggesting = false;
    }
  };

  const mayStart = (): boolean =>
    steering.isOpen() &&
    scopes.size < steering.parallelism &&
    (steering.hasQueued() || (!exhausted && trials.size < steering.runCap));
  const isIdle = (): boolean => scopes.size === 0 && !suggesting;
  const isOver = (): boolean =>
    isIdle() && (steering.isStopping() || (steering.isOpen() && !mayStart() && scopes.size === 0));

  try {
    await search();
  } catch (error) {
    for (const scope of scopes.values()) scope.cancel();
    // They save their checkpoints first; a workflow that ended now would cut them off.
    await CancellationScope.nonCancellable(() => condition(() => scopes.size === 0));
    throw error;
  }
  await condition(() => isIdle() && allHandlersFinished());
  if (defect !== undefined) throw defect;

  async function search(): Promise<void> {
    let begunHere = 0;
    for (;;) {
      await condition(() => defect !== undefined || tooManyFailed() || isOver() || mayStart());
      if (defect !== undefined) throw defect;
      if (tooManyFailed()) break;
      if (isOver()) break;
      if (begunHere >= trialsPerRun) {
        await condition(() => isIdle() && allHandlersFinished());
        await continueAsNew<typeof sweep>(input, {
          ...begun,
          trials: trials.all(),
          steering: steering.state(),
        });
      }
      begunHere += 1;
      await startNext();
    }
  }

  function tooManyFailed(): boolean {
    return config.failures !== undefined && trials.count('failed') > config.failures;
  }
  return resultOf(trials, {
    prepared,
    metric: metric.name,
    failures: tooManyFailed() ? config.failures : undefined,
  });
}

async function begin(input: StartInput): Promise<SweepMemory> {
  const { config, ref, prepared, warnings } = await quick.resolveSweep(input);
  return {
    config,
    ref,
    warnings,
    prepared: await preparedToUse(prepared),
    trials: [],
    steering: {
      mode: 'running',
      parallelism: config.parallelism,
      runCap: config.run_cap ?? (config.method === 'grid' ? undefined : usualCap),
      queued: config.enqueue ?? [],
    },
  };
}

function isReached({ goal, target }: SweepConfig['metric'], value: number | undefined): boolean {
  if (target === undefined || value === undefined) return false;
  return goal === 'minimize' ? value <= target : value >= target;
}

function resultOf(
  trials: Trials,
  {
    prepared,
    metric,
    failures,
  }: { readonly prepared: PreparedRef; readonly metric: string; readonly failures: number | undefined },
): SweepResult {
  const failed = trials.count('failed');
  const best = trials.best();
  if (failures !== undefined || best?.result === undefined || best.metric === undefined) {
    const first = trials.all().find((trial) => trial.failure !== undefined)?.failure ?? 'nothing';
    const what =
      failures === undefined
        ? `None of ${trials.size} trials finished`
        : `${failed} trials failed, and failures: ${failures} bears no more`;
    throw ApplicationFailure.nonRetryable(`${what}; the first failed with: ${first}`, 'sweep-failed');
  }
  upsertSearchAttributes([{ key: attribute.metric, value: best.metric }]);
  return {
    best: { trial: best.trial, metric: best.metric, parameters: best.parameters, ...best.result },
    prepared,
    metric,
    trials: trials.size,
    failed,
    stopped: trials.count('stopped'),
  };
}
