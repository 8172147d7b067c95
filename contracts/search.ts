import type { TrialRecord } from './schemas/sweep-record';

/** A trial as a search sees it. */
export interface TrialSeen {
  readonly trial: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly state: 'running' | 'finished' | 'stopped' | 'failed';
  /** The metric, as it is configured: of one that was stopped, what it had by then. */
  readonly value?: number;
}

/** A trial of a sweep as a search sees it: one that waits at a rung has been stopped as far as that knows. */
export function asSeen({
  trial,
  parameters,
  state,
  metric,
}: Pick<TrialRecord, 'trial' | 'parameters' | 'state' | 'metric'>): TrialSeen {
  return {
    trial,
    parameters,
    state: state === 'paused' ? 'stopped' : state,
    ...(metric !== undefined && { value: metric }),
  };
}
