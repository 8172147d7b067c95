import type { SplitName } from '../../contracts/schemas/documents';
import type { Source } from './sources/source';
import { splitOf } from './split-words';

/** A file of a source, by what the source says of it. */
export interface Located {
  readonly path: string;
  readonly label?: string | undefined;
  readonly split?: SplitName | undefined;
}

/**
 * The label and the split of each file, in the files' order.
 *
 * By folder: the label is the first folder of the path; where the folders at the top are all named for splits
 * (`train`, `validation` or `val`, `test`; at least `train`), the class folders lie in those. By nested
 * folder: the same, below whatever folders hold nothing but one folder that holds folders, as archives often
 * have at their top; `path` loses these, so that an archive of a folder and the folder itself are alike.
 *
 * @param labels - the source's names of classes and the dataset's own, where they differ
 */
export function locate<T extends Located>(
  files: readonly T[],
  labelled: Source['labelled'],
  labels: Readonly<Record<string, string>> = {},
): (T & Located)[] {
  const renamed = (label: string): string =>
    Object.hasOwn(labels, label) ? (labels[label] ?? label) : label;
  if (labelled === 'given') {
    return files.map((file) => (file.label === undefined ? file : { ...file, label: renamed(file.label) }));
  }
  const top = labelled === 'by-nested-folder' ? namelessFolders(files) : 0;
  const below = files.map(({ path }) => path.split('/').slice(top));
  const hasSplits = areSplits(below);
  return files.map((file, at) => {
    const parts = below[at] ?? [];
    // Beside the class folders or above them: the folders that it lies in name no class.
    if (parts.length === 0) return file;
    const folders = parts.slice(0, -1);
    const split = hasSplits ? splitOf(folders.shift() ?? '') : undefined;
    const [label] = folders;
    return {
      ...file,
      path: parts.join('/'),
      ...(label !== undefined && { label: renamed(label) }),
      ...(split !== undefined && { split }),
    };
  });
}

function areSplits(paths: readonly (readonly string[])[]): boolean {
  const top = new Set(paths.flatMap((parts) => (parts.length > 1 ? [parts[0]?.toLowerCase() ?? ''] : [])));
  return top.has('train') || top.has('training')
    ? [...top].every((name) => splitOf(name) !== undefined)
    : false;
}

/** How many folders at the top name no class: each the only one of its level, with folders in it. */
function namelessFolders(files: readonly Located[]): number {
  let left = files.map(({ path }) => path.split('/')).filter((parts) => parts.length > 1);
  for (let depth = 0; ; depth += 1) {
    const inFolders = left.filter((parts) => parts.length > depth + 1);
    const names = new Set(inFolders.map((parts) => parts[depth]));
    // A folder with folders in it; files beside those, such as a licence, change nothing.
    const deeper = inFolders.filter((parts) => parts.length > depth + 2);
    if (names.size !== 1 || deeper.length === 0) return depth;
    left = deeper;
  }
}
