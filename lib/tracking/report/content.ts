import type { ManifestRef } from '../../../contracts/refs';
import type { RunResult } from '../../../contracts/schemas/documents';
import type { MetricsLine } from '../../../contracts/schemas/metrics';
import type { SamplePicture } from '../tracker';

/** All that the report of a run is made of. */
export interface RunReport {
  readonly result: RunResult;
  /** As `readMetrics` gives them; of runs from before there were metrics, none. */
  readonly lines: readonly MetricsLine[];
  readonly sample: readonly SamplePicture[];
  readonly dataset?: { readonly name: string; readonly manifest: ManifestRef } | undefined;
  /** When it finished, in milliseconds since 1970. */
  readonly at: number;
}
