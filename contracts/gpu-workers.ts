/** What `gpuWorkers` takes. */
export interface GpuWorkersInput {
  /** `plan` changes nothing; `stop` ends every job, and keeps any from being started until `start`. */
  readonly mode?: 'look' | 'plan' | 'start' | 'stop';
  /** Without one: the project's `configs/gpu-workers.yaml`. */
  readonly config?: string | Readonly<Record<string, unknown>>;
  /** `key.path=value`. */
  readonly overrides?: readonly string[];
}

/** One look at the queue and at Google's jobs. */
export interface GpuWorkersResult {
  /** Trainings that nobody has taken yet. */
  readonly backlog: number;
  /** Jobs that run, or may. */
  readonly live: number;
  readonly started: readonly string[];
  readonly stopped: readonly string[];
  /** In sentences: what was done and why, what was not and why. */
  readonly said: readonly string[];
  /** Money counted today and ever, with its currency; by the table's prices. */
  readonly spent: { readonly today: number; readonly ever: number; readonly currency: string };
  /** Of a plan: what would be asked of Google, as YAML. */
  readonly plan?: string;
  /** For Temporal's UI. */
  readonly details: string;
}

/** The Temporal Schedule that looks again and again, and the workflow that stops everything. */
export const gpuWorkersIds = {
  schedule: 'gpu-workers',
  look: 'gpu-workers',
  stop: 'gpu-workers-stop',
} as const;

export const gpuWorkersRecordKey = 'gpu-workers/record.json';
