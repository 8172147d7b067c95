import type { EvaluationRef, FormsRef, ManifestRef, PreparedRef, RunRef } from './refs';
import type { FormName } from './schemas/form-names';
import type { GateOutcome, PromotionState } from './schemas/promotion';

export type { IngestResult, PreprocessResult } from './schemas/results';

export interface TrainResult {
  readonly run: string;
  readonly result: RunRef;
  /** The best epoch's figures, by the metric names of `contracts/schemas/run.ts`. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly epochs: number;
  /** Of training and validation, all epochs together. Missing in what was made before 0.2.0. */
  readonly seconds?: number;
  /** The metric that was asked for, after epoch 1, 2, and so on. */
  readonly values?: readonly number[];
}

/** A run that has stopped at the epoch it was told, to go on from its checkpoint. */
export interface TrainedSoFar extends Omit<TrainResult, 'result'> {
  readonly result?: undefined;
}

export interface SweepResult {
  readonly best: {
    readonly trial: number;
    readonly metric: number;
    readonly parameters: Readonly<Record<string, unknown>>;
  } & TrainResult;
  readonly prepared: PreparedRef;
  readonly metric: string;
  readonly trials: number;
  readonly failed: number;
  readonly stopped?: number;
}

export interface FormsResult {
  readonly forms: FormsRef;
  readonly chosen: FormName;
}

export interface EvaluateResult {
  readonly evaluation: EvaluationRef;
  readonly accuracy: number;
  readonly interval: readonly [number, number];
  readonly baseline: number;
  readonly pictures: number;
  /** `store://…/report.html`; missing in evaluations of before 0.2.0. */
  readonly report?: string;
}

export interface PromoteResult {
  readonly promoted: boolean;
  /** The version that `champion` names afterwards. */
  readonly champion: number | undefined;
  readonly reason: string;
  /** What follows is missing in promotions that version 0.1.0 began, in rollbacks, and where the version was champion already. */
  readonly state?: PromotionState;
  /** Its id; the record lies in `models/<name>/promotions/<id>.json`. */
  readonly promotion?: string;
  readonly gates?: readonly GateOutcome[];
  /** Promotions of this model that were judged on these test pictures so far, and a warning where those are many. */
  readonly uses?: number;
  readonly warning?: string;
}

export interface WatchResult {
  /** The source's dataset version; undefined where it would not hold still. */
  readonly version: string | undefined;
  /** The pipeline that this look has started, where the version was new. */
  readonly pipeline?: string;
  readonly reason: string;
}

export interface PipelineResult {
  /** Where a person is to decide on the version: the promotion that waits, by its workflow's id, and until when. */
  readonly approval?: { readonly workflow: string; readonly deadline: string };
  readonly model: string;
  /** The dataset version; the card beside it names every picture that was left out. */
  readonly manifest: ManifestRef;
  readonly rejected: number;
  /** The version that this pipeline registered. */
  readonly version: number;
  readonly accuracy: number;
  readonly interval: readonly [number, number];
  readonly baseline: number;
  readonly pictures: number;
  readonly promoted: boolean;
  readonly champion: number | undefined;
  readonly reason: string;
}
