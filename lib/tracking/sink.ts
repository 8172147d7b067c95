import type { RunResult } from '../../contracts/schemas/documents';
import type { MetricsLine } from '../../contracts/schemas/metrics';
import type { Histogram } from './tensorboard/histogram';
import type { SamplePicture } from './tracker';

/** The weights of one layer at the end of an epoch, as how many have which value. */
export interface WeightsHistogram {
  readonly name: string;
  readonly step: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly histogram: Histogram;
}

/** What a run told since its last flush. */
export interface Told {
  /** The checkpoint's. */
  readonly step: number;
  readonly lines: readonly MetricsLine[];
  readonly histograms: readonly WeightsHistogram[];
}

/** A run at its end. */
export interface Finished {
  readonly result: RunResult;
  readonly sample: readonly SamplePicture[];
  readonly lines: readonly MetricsLine[];
  /** The newest step that was told of. */
  readonly step: number;
  readonly at: number;
}

/** One place that figures go to. */
export interface Sink {
  flush(told: Told): Promise<void>;
  finish(finished: Finished): Promise<void>;
}
