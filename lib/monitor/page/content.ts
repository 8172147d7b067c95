import type { DriftCheckVerdict } from '../../../contracts/schemas/drift';
import type { Look } from '../../../contracts/schemas/monitor';
import type { Histogram } from '../histogram';
import type { ClassShare } from './class-shares';
import type { ForeignPicture } from './foreign-pictures';

export interface DriftReport {
  readonly look: Look;
  readonly distributions: readonly (Histogram & { readonly drifted: boolean })[];
  readonly shares: readonly ClassShare[];
  /** The most foreign first. */
  readonly foreign: readonly ForeignPicture[];
  /** When the page was written: milliseconds since 1970. */
  readonly written: number;
}

/** What a verdict is called on the page. */
export const verdictWords: Readonly<Record<DriftCheckVerdict, string>> = {
  quiet: 'No drift',
  drift: 'Drift',
  'too-few': 'Too few to tell',
  shown: 'Not judged',
};
