import type { ActivityProgress } from '../../../contracts/progress';
import type { SplitName } from '../../../contracts/schemas/documents';
import type { NetworkTimes } from '../../network/times';

/** In bytes: a larger file is no picture, and must not be read into memory to find that out. */
export const largestPicture = 64 * 1024 * 1024;

/** A file of a source, before it is read. */
export interface SourcePicture {
  /** Where it stands in its source, with forward slashes, in Unicode's form NFC; unique there. */
  readonly path: string;
  /** Where the source itself says it; of sources that are folders it is read from the path. */
  readonly label?: string;
  /** Set where the source itself says in which split it belongs. */
  readonly split?: SplitName;
  /** Pictures of one group stay in one split. */
  readonly group?: string;
  /** The same path with the same stamp has the same bytes. Left out where the source can't tell. */
  readonly stamp?: string;
  /**
   * Its bytes, unchecked.
   * @throws Failure `path-refused`, `picture-too-large`, `picture-unreadable`: this one cannot be taken, and
   *   the others can; anything else ends the reading.
   */
  bytes(): Promise<Buffer>;
}

/** Where labelled pictures come from. */
export interface Source {
  /** As it was given. */
  readonly uri: string;
  /**
   * Where labels come from: each picture's own `label`; or the first folder of its path; or the first folder
   * below those that hold nothing but one folder of folders, as archives often have at their top.
   */
  readonly labelled: 'given' | 'by-folder' | 'by-nested-folder';
  /** Whose the pictures are and what they allow: Markdown, for the data card. */
  readonly licences: string;
  /** Changes where the pictures may have changed; cheap, so it reads none of them. Undefined where nobody can tell. */
  fingerprint(): Promise<string | undefined>;
  /**
   * Every file that may be a picture; those that are none are found out when they are read. What has to be
   * brought first, such as an archive, is brought here, and goes on where an earlier attempt was stopped.
   * Each picture's bytes are asked for before the next two hundred or so are, and in any order among them.
   */
  pictures(): AsyncIterable<SourcePicture>;
  /** Removes what was brought to this machine whole; a part stays, to be gone on with. Called once nobody reads it any more. */
  forget?(): Promise<void>;
}

/** What opening a source takes: the edges of this machine, and what whoever runs it allows. */
export interface SourceOptions {
  /** The folder that relative paths start from. */
  readonly project: string;
  /** A folder or file is a source only where it lies, symbolic links resolved, in one of these. */
  readonly allowedRoots: readonly string[];
  /** A folder of this machine for archives on their way. */
  readonly downloads: string;
  /** A bucket emulator, in place of Google. */
  readonly gcsEndpoint?: string | undefined;
  readonly network: NetworkRules;
  readonly limits: SourceLimits;
  /** How long hosts are waited for, and how often they are asked; the defaults suit the internet. */
  readonly times?: Partial<NetworkTimes> | undefined;
  /** Hears how much of an archive or a manifest has come. */
  readonly onProgress?: ((progress: ActivityProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Which hosts may be asked, and with what. */
export interface NetworkRules {
  /** `host` or `host:port`: asked even where their address is private, and over plain http. */
  readonly allowedHosts: readonly string[];
  /** `DROVER_SECRET_<name>` and `DROVER_SECRET_<name>_HOST`: a token, and the one host that it is sent to. */
  readonly secrets: ReadonlyMap<string, { readonly token: string; readonly host: string }>;
  /** Kaggle's API, and who asks. */
  readonly kaggle: { readonly endpoint: string; readonly authorization: string | undefined };
}

/** What a source may cost, set by whoever runs the workers. */
export interface SourceLimits {
  /** Bytes of an archive or a manifest. */
  readonly download: number;
  /** Bytes that an archive may unpack to. */
  readonly unpacked: number;
  /** Files in a source. */
  readonly files: number;
}
