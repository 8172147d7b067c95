import type { DeploymentRecord, DeploymentState } from './schemas/deployment';
import type { TargetName } from './deployment-targets';

/** What `deploy` takes. */
export interface DeployInput {
  readonly model: string;
  /** Without one: the champion. */
  readonly version?: number;
  /** Without one: that of the configuration. */
  readonly target?: TargetName;
  /** Says what would be done, and changes nothing. */
  readonly dryRun?: boolean;
  readonly by?: string;
  readonly reason?: string;
  /** Without one: the project's `configs/deploy.yaml`. */
  readonly config?: string | Readonly<Record<string, unknown>>;
  /** `key.path=value`. */
  readonly overrides?: readonly string[];
}

export interface DeployResult {
  /** Its id; the record lies in `deployments/<id>.json`. */
  readonly deployment: string;
  readonly model: string;
  readonly version: number;
  readonly target: TargetName;
  readonly state: DeploymentState;
  /** How it ended, in a sentence. */
  readonly outcome: string;
}

/**
 * Names of the updates that a running `deploy` takes, each with a `Decision`:
 *
 * - `rollback`: it goes back to what answered before, from wherever it is.
 * - `advance`: the step that is being watched is taken as passed, unless a breach has been seen.
 *
 * The query `deployment` answers {@link DeploymentView}.
 */
export const deploymentMessages = { rollback: 'rollback', advance: 'advance', view: 'deployment' } as const;

/** The name of the step that gives a share of the traffic, in percent. */
export const shareStep = (percent: number): string => `${percent} %`;

/** A deployment as it stands; the record lacks until it is planned. */
export interface DeploymentView {
  readonly record?: DeploymentRecord;
}
