import type { EpochMetrics, RunResult } from '../../contracts/schemas/documents';

/** Of the batches since the record before. */
export interface StepRecord {
  /** From 1, over the whole run. */
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  /** The learning rate of the newest step. */
  readonly lr: number;
  /** Of the newest step, before clipping. */
  readonly gradientNorm: number;
  readonly examplesPerSecond: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A layer's weights by the name that they are saved under, such as `conv1/kernel`. */
export interface NamedWeights {
  readonly name: string;
  readonly values: Float32Array;
}

/** One validation picture as the finished model sees it. */
export interface SamplePicture {
  /** SHA-256 of the original, which names it. */
  readonly picture: string;
  /** uint8 `[height, width, channels]`, as prepared. */
  readonly pixels: Uint8Array;
  readonly actual: string;
  readonly predicted: string;
  /** Of `predicted`. */
  readonly probability: number;
}

/**
 * Where the figures of a run go. What it is told between two flushes is written at the next as one part:
 * stores have no append, and what a killed trainer did after its last checkpoint is done, and told, again.
 */
export interface Tracker {
  step(record: StepRecord): void;
  epoch(metrics: EpochMetrics, weights: () => readonly NamedWeights[]): void;
  /** @param step - The checkpoint's; the same step's part is written over. */
  flush(step: number): Promise<void>;
  /** Once, with the finished run: what needs the whole of it, such as its report. */
  finish(result: RunResult, sample: readonly SamplePicture[]): Promise<void>;
}
