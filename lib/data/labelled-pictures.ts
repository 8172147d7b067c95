import type { SplitName } from '../../contracts/schemas/documents';

/** A picture before it is read: what its source says of it. */
export interface SourcePicture {
  /** Where it stands in its source, with forward slashes; unique there. */
  readonly path: string;
  /** Undefined where the source gives none, so that the picture cannot be taken. */
  readonly label: string | undefined;
  /** Set where the source itself says in which split it belongs. */
  readonly split?: SplitName;
  /**
   * Its bytes, unchecked.
   * @throws Failure `path-refused`, `picture-too-large`, `picture-unreadable`: it cannot be taken.
   */
  bytes(): Promise<Buffer>;
}

/** Where labelled pictures come from. */
export interface Source {
  /** As it was given. */
  readonly uri: string;
  /** Changes where the pictures may have changed; cheap, so it reads none of them. */
  fingerprint(): Promise<string>;
  /** Every file that may be a picture; those that are none are found out when they are read. */
  pictures(): AsyncIterable<SourcePicture>;
  /** Whose the pictures are and what they allow: Markdown, for the data card. */
  readonly licences: string;
}
