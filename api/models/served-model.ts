import type { Preprocessing } from '../../contracts/schemas/preprocessing';
import type { OpenedModel } from '../engine/engine';

/** What can be said of a model without running it. */
export interface ModelDescription {
  readonly name: string;
  readonly version: number;
  /** SHA-256 of the ONNX file that answers. */
  readonly digest: string;
  readonly classes: readonly string[];
  readonly preprocessing: Preprocessing;
  /** On the test pictures, in [0, 1]. */
  readonly accuracy: number;
  /** When the alias was moved to this version. */
  readonly promotedAt: string | undefined;
}

export type ServedModel = ModelDescription & Pick<OpenedModel, 'answer'>;

/** The model that answers now; which one that is may change between two calls, but never within one. */
export interface ModelHolder {
  /** The model that a request that comes now is answered by, or undefined where there is none yet. */
  current(): ModelDescription | undefined;
  /**
   * Does `work` with the current model, which stays loaded until `work` has ended.
   * @param id - The request's.
   * @throws Failure `model-unavailable` where there is none yet; whatever `work` throws.
   */
  use<T>(id: string, work: (model: ServedModel) => Promise<T>): Promise<T>;
}
