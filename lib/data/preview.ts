import { Failure } from '../../contracts/failures';
import type { ActivityProgress } from '../../contracts/progress';
import type { SplitName } from '../../contracts/schemas/documents';
import { readSignature } from '../images/signature';
import { eachConcurrently } from './concurrently';
import { locate } from './labels';
import { compareText } from './manifest';
import type { Source, SourcePicture } from './sources/source';

const filesAtOnce = 12;

export interface PreviewedClass {
  readonly label: string;
  readonly files: number;
  /** Files that the source itself has put into a split. */
  readonly splits: Readonly<Partial<Record<SplitName, number>>>;
}

/** What an ingest of a source would read. */
export interface Preview {
  readonly files: number;
  /** Missing where it is not known before everything is fetched. */
  readonly bytes?: number;
  readonly classes: readonly PreviewedClass[];
  /** Files in no class. */
  readonly unlabelled: number;
  /** Files that begin as no picture does, or cannot be read; known only where the files were looked into. */
  readonly unusable: number;
}

interface Looked {
  readonly path: string;
  readonly label?: string | undefined;
  readonly split?: SplitName | undefined;
  readonly bytes: number;
  readonly isUsable: boolean;
}

/**
 * Lists what an ingest would read, and takes nothing in. What is on this machine, or has to be brought to it
 * anyway as an archive has, is looked into; what a bucket or a manifest names is not fetched.
 *
 * @param labels - the dataset's own names of classes
 * @throws what the source throws; the signal's reason
 */
export async function previewSource(options: {
  readonly source: Source;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly onProgress?: (progress: ActivityProgress) => void;
  readonly signal?: AbortSignal;
}): Promise<Preview> {
  const { source, labels, onProgress, signal } = options;
  const isNear =
    source.labelled === 'by-nested-folder' ||
    (source.labelled === 'by-folder' && !/^(?!file:)[a-z][a-z0-9+.-]*:\/\//i.test(source.uri));
  const looked: Looked[] = [];
  await eachConcurrently(
    source.pictures(),
    filesAtOnce,
    async (picture) => {
      const { path, label, split } = picture;
      const found = isNear ? await lookInto(picture) : { bytes: 0, isUsable: true };
      looked.push({ path, label, split, ...found });
      onProgress?.({ done: looked.length, total: looked.length, unit: 'pictures' });
    },
    signal,
  );
  const located = locate(looked, source.labelled, labels);
  const classes = new Map<string, { files: number; splits: Partial<Record<SplitName, number>> }>();
  for (const { label, split } of located) {
    if (label === undefined) continue;
    const of = classes.get(label) ?? { files: 0, splits: {} };
    of.files += 1;
    if (split !== undefined) of.splits[split] = (of.splits[split] ?? 0) + 1;
    classes.set(label, of);
  }
  return {
    files: looked.length,
    ...(isNear && { bytes: looked.reduce((sum, { bytes }) => sum + bytes, 0) }),
    classes: [...classes].sort(([a], [b]) => compareText(a, b)).map(([label, of]) => ({ label, ...of })),
    unlabelled: located.filter(({ label }) => label === undefined).length,
    unusable: looked.filter(({ isUsable }) => !isUsable).length,
  };
}

async function lookInto(picture: SourcePicture): Promise<Pick<Looked, 'bytes' | 'isUsable'>> {
  try {
    const bytes = await picture.bytes();
    return { bytes: bytes.length, isUsable: readSignature(bytes).format !== undefined };
  } catch (error) {
    const types = ['path-refused', 'picture-too-large', 'picture-unreadable'];
    if (!(error instanceof Failure) || !types.includes(error.type)) throw error;
    return { bytes: 0, isUsable: false };
  }
}
