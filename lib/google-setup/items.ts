/** Whatever has a policy of who may do what. */
export type Guarded =
  | { readonly kind: 'project' }
  | { readonly kind: 'bucket' | 'account' | 'secret'; readonly name: string }
  | { readonly kind: 'job'; readonly region: string; readonly name: string };

export interface Condition {
  readonly title: string;
  readonly expression: string;
}

export type Wanted =
  | { readonly kind: 'api'; readonly api: string }
  | { readonly kind: 'account'; readonly email: string; readonly title: string }
  | { readonly kind: 'bucket'; readonly name: string; readonly region: string }
  | { readonly kind: 'repository'; readonly region: string; readonly name: string }
  | {
      readonly kind: 'grant';
      readonly on: Guarded;
      readonly email: string;
      readonly role: string;
      readonly condition?: Condition;
    }
  | { readonly kind: 'service'; readonly region: string; readonly name: string; readonly email: string }
  | { readonly kind: 'job'; readonly job: DriftJob }
  | {
      readonly kind: 'schedule';
      readonly region: string;
      readonly name: string;
      readonly cron: string;
      readonly email: string;
    }
  | {
      readonly kind: 'quota';
      readonly region: string;
      readonly metric: string;
      readonly wanted: number;
    }
  | { readonly kind: 'zones'; readonly region: string; readonly accelerator: string };

/** One thing that a project is to have. */
export interface Item {
  readonly id: string;
  readonly wanted: Wanted;
  /** For people: `drover-api: roles/storage.objectViewer on gs://pets`. */
  readonly what: string;
  readonly why: string;
  /** What does or shows the same by hand. */
  readonly command: string;
  /** Ids of items that must be there first. */
  readonly needs: readonly string[];
}

/** A job on Cloud Run that starts the workflow `monitor`, waits for it, and ends with 1 where there is drift. */
export interface DriftJob {
  readonly name: string;
  readonly region: string;
  readonly image: string;
  readonly email: string;
  readonly environment: Readonly<Record<string, string>>;
  /** `projects/<project>/secrets/<name>` of Temporal's API key. */
  readonly apiKeySecret?: string;
}
