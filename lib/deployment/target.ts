import type { TargetName } from '../../contracts/deployment-targets';
import type { DeployConfig, TrafficFigures } from '../../contracts/schemas/deployment';
import type { SmokePicture } from './smoke-pictures';

/** What a target needs again at every step: plain JSON of its own, small, without secrets; it parses it itself. */
export type TargetState = Readonly<Record<string, unknown>>;

export interface DeploymentWish {
  /** Of the deployment; what a target makes is named for it, so that it is made once. */
  readonly id: string;
  readonly model: string;
  readonly version: number;
  /** SHA-256 of the file that answers. */
  readonly digest: string;
  readonly config: DeployConfig;
}

export interface TargetPlan {
  readonly state: TargetState;
  /** Where, for people. */
  readonly place: string;
  /** What answers now, for people: what `undo` leads back to. */
  readonly before: string;
  /** What each step will do, for people. */
  readonly says: {
    readonly prepare: string;
    readonly smoke: string;
    shift(percent: number): string;
    readonly settle: string;
  };
  /** The shares that it can give, in percent, of those that were wished; the last is 100. */
  readonly steps: readonly number[];
}

export interface Observation {
  /** Of the new version, since the shift. */
  readonly fresh: TrafficFigures;
  /** Of what answered before; missing where nobody can tell. */
  readonly old?: TrafficFigures | undefined;
  /** Up to when `fresh` is complete. */
  readonly until: Date;
  /** Handed to the next look of this step. */
  readonly carried?: TargetState | undefined;
}

export interface Looking {
  /** The state's own pictures, to send where a target does that. */
  readonly pictures: readonly SmokePicture[];
  /** When the step's share was given. */
  readonly since: Date;
  /** When the deployment began. */
  readonly begun: Date;
  /** What the look before has handed on. */
  readonly carried?: TargetState | undefined;
}

export interface Undoing {
  readonly by: string;
  readonly reason: string;
}

/**
 * Where a model version is deployed to. One file and a line in `targets.ts` make another.
 *
 * Every method may be killed at any point and is then asked again, also after it has succeeded, and also while an earlier call
 * of it is still on its way somewhere: so each looks at what is there, and changes it only from a state in which this
 * deployment itself has left it. Each returns a sentence for people.
 *
 * All throw Failure: `deployment-conflict` where somebody else has changed what is there, which is left as it is;
 * `deployment-failed` where the new version does not do; `cloud-unavailable`, to be tried again; `cloud-refused`.
 */
export interface DeploymentTarget {
  /** Reads, and changes nothing: also what the way back leads to. @throws Failure `start-refused` */
  plan(wish: DeploymentWish): Promise<TargetPlan>;
  /** Makes the new version ready beside the old one, which goes on answering everything. */
  prepare(state: TargetState, signal: AbortSignal): Promise<string>;
  /** Asks the new version, at its own address, about real pictures. */
  smoke(state: TargetState, pictures: readonly SmokePicture[], signal: AbortSignal): Promise<string>;
  /** Gives the new version `to` percent of the traffic, from `from`. */
  shift(state: TargetState, share: { readonly from: number; readonly to: number }): Promise<string>;
  observe(state: TargetState, looking: Looking, signal: AbortSignal): Promise<Observation>;
  /** The new version stays. */
  settle(state: TargetState): Promise<string>;
  /** From wherever it is, back to what answered before. */
  undo(state: TargetState, undoing: Undoing): Promise<string>;
}

export type Targets = Readonly<Record<TargetName, DeploymentTarget>>;
