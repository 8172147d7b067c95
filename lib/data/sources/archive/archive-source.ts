import type { Source, SourceOptions } from '../source';
import { type ArchiveKind, readArchive } from './read-archive';

export interface OpeningArchive {
  readonly uri: string;
  /** Whose it is: Markdown. */
  readonly licences: string;
  readonly options: SourceOptions;
  readonly fingerprint: Source['fingerprint'];
  /** Brings it to this machine. */
  readonly bring: () => Promise<{ readonly file: string; readonly kind: ArchiveKind }>;
  readonly forget?: (() => Promise<void>) | undefined;
}

/** An archive with one folder a class, below whatever single folders it has at its top. */
export function openArchive({ uri, licences, options, fingerprint, bring, forget }: OpeningArchive): Source {
  return {
    uri,
    labelled: 'by-nested-folder',
    licences,
    fingerprint,
    async *pictures() {
      const { file, kind } = await bring();
      yield* readArchive(file, kind, options);
    },
    ...(forget && { forget }),
  };
}
