/** A trial as a search sees it. */
export interface TrialSeen {
  readonly trial: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly state: 'running' | 'finished' | 'stopped' | 'failed';
  /** The metric, as it is configured: of one that was stopped, what it had by then. */
  readonly value?: number;
}
