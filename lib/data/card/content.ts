import type { Finding, PictureFacts, Validation } from '../../../contracts/schemas/dataset';
import type { SplitName } from '../../../contracts/schemas/documents';
import type { Split } from '../../../contracts/schemas/pipeline';

/** A picture of the version, with what is known of it. */
export interface CardPicture {
  readonly path: string;
  readonly label: string;
  readonly sha256: string;
  readonly split: SplitName;
  readonly group?: string | undefined;
  readonly bytes: number;
  readonly facts: PictureFacts;
  /** The number of its near-duplicate group; pictures of one number look the same. */
  readonly near?: number | undefined;
}

/** All that the card of a dataset version is made of. */
export interface CardContent {
  readonly name: string;
  /** SHA-256 of the manifest. */
  readonly version: string;
  readonly previous?:
    | {
        readonly version: string;
        readonly added: number;
        readonly removed: number;
        readonly relabelled: number;
      }
    | undefined;
  /** When, as ISO 8601. */
  readonly at: string;
  /** The source's URI, without any secret. */
  readonly source: string;
  /** Text, or simple Markdown: paragraphs, lists, bold and links. */
  readonly licences: string;
  readonly split: Split;
  readonly pictures: readonly CardPicture[];
  readonly findings: readonly Finding[];
  readonly rules: Validation;
  /** Side of the prepared pictures in pixels, where it is known; marked in the chart of sizes. */
  readonly trainingSize?: number | undefined;
  /** Digests of files that were left out, by path, so that those of a conflict can be shown. */
  readonly leftOut?: ReadonlyMap<string, string> | undefined;
  /** A small JPEG of the picture, or undefined where it can't be had. */
  readonly thumbnail: (sha256: string, side: number) => Promise<Buffer | undefined>;
}
