import type { Preprocessing } from '../../contracts/schemas/preprocessing';
import type { FailureType } from '../../contracts/failures';
import type { SpoolOptions } from '../../lib/predictions/spool';

/** A model as a thread opens it. */
export interface EngineModel {
  readonly name: string;
  readonly version: number;
  /** SHA-256 of `onnx`, which whoever read it has checked. */
  readonly digest: string;
  readonly onnx: Uint8Array;
  readonly classes: readonly string[];
  readonly preprocessing: Preprocessing;
}

/** A picture that is to be answered. */
export interface AskedPicture {
  /** By which it is known between the main thread and the one that has it. */
  readonly ticket: number;
  /** The answer's id, a UUID. */
  readonly id: string;
  /** The file as it came. */
  readonly bytes: Uint8Array;
  /** Whether the answer is one that may be kept. */
  readonly keep: boolean;
  /** Who asked, by an API key's name. */
  readonly by?: string | undefined;
}

/** What a thread is begun with. */
export interface ThreadStart {
  /** Where answers are kept; nowhere without. */
  readonly spool?: KeptWhere | undefined;
  /** A folder for graphs that were optimised; without it each thread does that for itself, each time. */
  readonly graphs?: string | undefined;
}

export interface KeptWhere {
  readonly folder: string;
  readonly options: Omit<SpoolOptions, 'counts' | 'now' | 'write'>;
  /** Of {@link SpoolCounts}. */
  readonly counts: SharedArrayBuffer;
}

/** What the main thread sends to an inference thread. */
export type Order =
  | { readonly kind: 'open'; readonly slot: number; readonly model: EngineModel }
  | { readonly kind: 'close'; readonly slot: number }
  | {
      readonly kind: 'answer';
      readonly slot: number;
      readonly picture: AskedPicture;
      /** Pictures that may be classified together, from now on. */
      readonly most: number;
    }
  /** Ends the thread in good order. */
  | { readonly kind: 'end' };

/** Why a picture, or a model, came to nothing; `type` is missing for a defect. */
export interface Refusal {
  readonly type?: FailureType;
  readonly message: string;
}

/** What came of one picture. Times in milliseconds; `infer` is that of all pictures that were answered with it. */
export type PictureOutcome =
  | { readonly probabilities: Float32Array; readonly decode: number; readonly infer: number }
  | { readonly refused: Refusal };

/** What an inference thread tells the main thread. */
export type Report =
  | { readonly kind: 'opened'; readonly slot: number }
  | { readonly kind: 'unopened'; readonly slot: number; readonly why: Refusal }
  | {
      readonly kind: 'answered';
      /** By the pictures' tickets. */
      readonly outcomes: readonly (readonly [ticket: number, outcome: PictureOutcome])[];
      /** From the arrival of the first of them, or the end of the batch before it, to its end; milliseconds. */
      readonly ms: number;
    };
