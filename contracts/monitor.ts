import type { BreachPolicy, FollowUp, LookVerdict } from './schemas/monitor';

/** What the workflow `monitor` takes; nothing means `configs/monitor.yaml`, and a window that ends now. */
export interface MonitorInput {
  readonly config?: string | Readonly<Record<string, unknown>>;
  /** `key.path=value`. */
  readonly overrides?: readonly string[];
  /** The window's end, ISO 8601. */
  readonly until?: string;
  /** Compares and reports; tells nobody and starts nothing. */
  readonly dryRun?: boolean;
}

/** What one look at what users send came to. */
export interface MonitorResult {
  readonly model: string;
  /** The champion that was looked at; undefined where there is none. */
  readonly version: number | undefined;
  readonly verdict: LookVerdict | 'no-model';
  readonly reason: string;
  /** The look's id: it lies in `drift/<model>/looks/<id>/`. */
  readonly look?: string;
  /** `store://…/report.html` */
  readonly report?: string;
  /** Where drift was found and the policy is more than to tell: the workflow `retrain` that asks or starts a pipeline. */
  readonly followUp?: {
    readonly workflow: string;
    readonly policy: BreachPolicy;
    /** An earlier look has started it, and it is still under way. */
    readonly already: boolean;
  };
  /** Where drift was found, and nothing follows as an earlier look's has been answered. */
  readonly cooldown?: MonitorCooldown;
}

/** Drift of a version that was answered not long ago: for some time looks tell of it, and begin nothing. */
export interface MonitorCooldown {
  /** The `retrain` that has ended. */
  readonly workflow: string;
  readonly state: FollowUp['state'];
  readonly reason: string;
  /** ISO 8601. */
  readonly until: string;
}

/** The workflow type that follows looks that find drift; a `monitor` starts it. */
export const retraining = 'retrain';

/** What the workflow `retrain` takes: what a `monitor` that has found drift starts it with. */
export interface RetrainInput {
  readonly model: string;
  readonly version: number;
  /** The look's id. */
  readonly look: string;
  /** Why, for whoever decides. */
  readonly reason: string;
  /** Missing where nobody is asked. */
  readonly approval?: { readonly deadline: string; readonly reminder: string };
  /** The pipeline that is started. */
  readonly pipeline: { readonly config?: string; readonly overrides: readonly string[] };
}

/**
 * Names of the updates that a `retrain` takes while it waits for a person, each with a `Decision`, as a promotion does; the query
 * `followUp` answers a {@link FollowUp} at any time.
 */
export const retrainMessages = { approve: 'approve', reject: 'reject', view: 'followUp' } as const;

export type RetrainResult = FollowUp;

/** Of a model: its Temporal Schedule and a look that this starts. Of a version: what follows looks that find drift, one at a time. */
export const monitorIds = {
  schedule: (model: string): string => `monitor-${model}`,
  look: (model: string): string => `monitor-${model}`,
  retrain: (model: string, version: number): string => `retrain-${model}-v${version}`,
  pipeline: (model: string, version: number): string => `pipeline-${model}-drift-v${version}`,
} as const;
