import { ApplicationFailure, upsertSearchAttributes } from '@temporalio/workflow';
import type { PreparedRef } from '../contracts/refs';
import type { SweepResult } from '../contracts/results';
import { attribute } from './search-attributes';
import type { Trials } from './trials';

interface Ended {
  readonly prepared: PreparedRef;
  readonly metric: string;
  /** As many as were borne, where more than these failed. */
  readonly failures: number | undefined;
}

/** What a sweep came to; where that is nothing, it fails with what the first trial failed of. */
export function sweepResult(trials: Trials, { prepared, metric, failures }: Ended): SweepResult {
  const failed = trials.count('failed');
  const best = trials.best();
  if (failures !== undefined || best?.result === undefined || best.metric === undefined) {
    const first = trials.all().find((trial) => trial.failure !== undefined)?.failure;
    const what =
      failures === undefined
        ? `None of ${trials.size} trials finished`
        : `${failed} trials failed, and failures: ${failures} bears no more`;
    const why =
      first === undefined
        ? `: ${trials.count('stopped')} were stopped before their end, and none failed`
        : `; the first failed with: ${first}`;
    throw ApplicationFailure.nonRetryable(`${what}${why}`, 'sweep-failed');
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
