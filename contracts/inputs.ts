import type { EvaluationRef, FormsRef, ManifestRef, PreparedRef, RunRef } from './refs';
import type { Preprocessing } from './schemas/preprocessing';
import type { Validation } from './schemas/dataset';
import type { SourceConfig, Split } from './schemas/pipeline';
import type { ExportRules } from './schemas/forms';
import type { PromotionInput } from './schemas/promotion';

/**
 * What `pipeline`, `sweep` and `train` take: nothing (`configs/<type>.yaml`), the URI of a YAML file, a
 * configuration itself, or a {@link StartRequest}. `resolveConfiguration` tells them apart.
 */
export type StartInput = string | StartRequest | Readonly<Record<string, unknown>> | undefined;

/** A configuration with changes on top, and the prepared set to stand on. */
export interface StartRequest {
  readonly config?: string | Readonly<Record<string, unknown>>;
  /** `key.path=value`, as on the command line. */
  readonly overrides?: readonly string[];
  /** Without one: that of the last pipeline, else the sample's. */
  readonly prepared?: PreparedRef;
}

/** How far a trial is trained, and whom it tells of its epochs. */
export interface TrainPart {
  /** It stops with a checkpoint once so many epochs are complete. */
  readonly until?: number;
  readonly report?: EpochReport;
}

/** A sweep that is told, by the signal `trialEpochs`, how a trial goes. */
export interface EpochReport {
  /** Its workflow id. */
  readonly sweep: string;
  readonly trial: number;
  readonly metric: string;
  /**
   * After which epochs, ascending, and after each multiple of `every`; after every one where both are left out. Whatever they name, one
   * that is stopped on its way tells how far it came.
   */
  readonly at?: readonly number[];
  readonly every?: number;
}

export interface IngestInput {
  /** The dataset's name. */
  readonly name: string;
  readonly source: SourceConfig;
  readonly split?: Split;
  readonly validate?: Partial<Validation>;
}

/** What a watched pipeline is started with, and how long a changed source must hold still before that. */
export interface WatchInput extends Pick<StartRequest, 'config' | 'overrides'> {
  /** Seconds; 0 takes the source as it is. */
  readonly settle?: number;
}

export interface PreprocessInput {
  readonly name: string;
  readonly manifest: ManifestRef;
  readonly preprocess?: Preprocessing;
}

/** A run's model or a registered one, on its own dataset version or another. */
export type EvaluateInput = {
  readonly manifest?: ManifestRef;
  /** Whose version `manifest` is, where that is not the model's own dataset. */
  readonly dataset?: string;
  /** Also on pictures made worse. Left out: of a registered version, not of a run. */
  readonly robustness?: boolean;
} & (
  { readonly run: RunRef; readonly forms?: FormsRef } | { readonly model: string; readonly version?: number }
);

/** A registered version, the champion where none is named, and which forms of it are compared. */
export interface FormsInput {
  readonly model: string;
  readonly version?: number;
  readonly export?: Partial<ExportRules>;
}

export interface PromoteInput {
  readonly model: string;
  readonly version: number;
  /** Left out: those of the project's `configs/pipeline.yaml`. */
  readonly rules?: PromotionInput;
  readonly by?: string;
  /** Why it is asked for, where somebody says. */
  readonly reason?: string;
  /** Judges, and moves nothing. */
  readonly dryRun?: boolean;
  /** The candidate's figures, where they are known already. */
  readonly evaluation?: EvaluationRef;
}

export interface RollbackInput {
  readonly model: string;
  /** Without one: the champion before this. */
  readonly version?: number;
  readonly by?: string;
  readonly reason?: string;
}
