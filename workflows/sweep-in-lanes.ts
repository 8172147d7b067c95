import {
  ApplicationFailure,
  defineQuery,
  executeChild,
  isCancellation,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { StartInput } from '../contracts/inputs';
import { queryNames } from '../contracts/messages';
import { workflowIds } from '../contracts/names';
import { leaderboardLimit, type Leaderboard, type LeaderboardRow } from '../contracts/progress';
import type { SweepResult, TrainResult } from '../contracts/results';
import { quick } from './activities';
import { preparedToUse } from './dataset';
import { leaderboardDetails, oneLine } from './details';
import { rootCause } from './failures';
import { inLanes } from './lanes';
import { attribute } from './search-attributes';
import { train } from './train';
import { showDetails } from './show-details';

interface Trial extends LeaderboardRow {
  readonly result?: TrainResult;
}

/**
 * A sweep as it was before it could be steered, with its trials' number fixed at the start: what a sweep that began then
 * goes on as, and what replays its history.
 */
export async function sweepInLanes(input?: StartInput): Promise<SweepResult> {
  const sweepId = workflowInfo().workflowId;
  const { config, ref, prepared: given, warnings } = await quick.resolveSweep(input);
  const { metric, run_cap: cap = 10, parallelism } = config;

  const trials = new Map<number, Trial>();
  const board = (): Leaderboard => {
    const rows = [...trials.values()].sort(bestFirst(metric.goal));
    const count = (state: Trial['state']): number => rows.filter((row) => row.state === state).length;
    return {
      metric: metric.name,
      goal: metric.goal,
      trials: cap,
      finished: count('finished'),
      failed: count('failed'),
      running: count('running'),
      rows: rows.slice(0, leaderboardLimit).map(({ result: _result, ...row }) => row),
    };
  };
  const put = (trial: Trial): void => {
    trials.set(trial.trial, trial);
    showDetails(leaderboardDetails(board(), warnings));
  };
  setHandler(defineQuery<Leaderboard>(queryNames.leaderboard), board);
  upsertSearchAttributes([{ key: attribute.sweep, value: sweepId }]);

  const prepared = await preparedToUse(given);

  const runTrial = async (trial: number): Promise<void> => {
    const suggestion = await quick.suggestTrial({ sweep: ref, trial });
    if (suggestion === undefined) return;
    if ('refused' in suggestion) {
      throw ApplicationFailure.nonRetryable(suggestion.refused, 'configuration-invalid');
    }
    const workflowId = workflowIds.trial(sweepId, trial);
    const row = { trial, parameters: suggestion.parameters, workflowId };
    put({ ...row, state: 'running' });
    try {
      const result = await executeChild(train, {
        workflowId,
        args: [{ config: { ...suggestion.config }, prepared }],
        staticSummary: oneLine(suggestion.parameters),
        typedSearchAttributes: [{ key: attribute.sweep, value: sweepId }],
      });
      if (!result.result) throw new Error('a trial is trained to its end');
      put({ ...row, state: 'finished', run: result.run, metric: result.metrics[metric.name], result });
    } catch (error) {
      if (isCancellation(error)) throw error;
      put({ ...row, state: 'failed', failure: rootCause(error) });
    }
  };
  await inLanes(
    parallelism === 'auto' ? 2 : parallelism,
    Array.from({ length: cap }, (_, index) => index + 1),
    runTrial,
  );

  const [best] = [...trials.values()].sort(bestFirst(metric.goal));
  if (best?.result === undefined || best.metric === undefined) {
    throw ApplicationFailure.nonRetryable(
      `None of ${cap} trials finished; the first failed with: ${best?.failure ?? 'nothing'}`,
      'sweep-failed',
    );
  }
  upsertSearchAttributes([{ key: attribute.metric, value: best.metric }]);
  return {
    best: { trial: best.trial, metric: best.metric, parameters: best.parameters, ...best.result },
    prepared,
    metric: metric.name,
    trials: cap,
    failed: board().failed,
  };
}

/** Finished trials by their metric, then the rest by their number. */
function bestFirst(goal: Leaderboard['goal']): (a: Trial, b: Trial) => number {
  const sign = goal === 'minimize' ? 1 : -1;
  return (a, b) => {
    if (a.metric !== undefined && b.metric !== undefined)
      return sign * (a.metric - b.metric) || a.trial - b.trial;
    if (a.metric !== undefined) return -1;
    if (b.metric !== undefined) return 1;
    return a.trial - b.trial;
  };
}
