import type { PictureFacts } from '../../contracts/schemas/dataset';
import { packHashes } from './near-duplicates';

interface Looked {
  readonly sha256: string;
  readonly facts: Pick<PictureFacts, 'hash'>;
}

/**
 * Which of some pictures look the same as one that models are measured by. Unlike where duplicates are searched, flat pictures count
 * too, whose hashes say little: here a picture too many that is left out costs less than one that is not.
 *
 * @returns the first such measure of each, both by index
 */
export function tooNear(
  pictures: readonly Looked[],
  measures: readonly Looked[],
): ReadonlyMap<number, number> {
  const packed = packHashes([...pictures, ...measures].map(({ facts }) => facts.hash));
  const found = new Map<number, number>();
  pictures.forEach(({ sha256 }, index) => {
    const at = measures.findIndex(
      (measure, other) => measure.sha256 === sha256 || packed.areNear(index, pictures.length + other),
    );
    if (at !== -1) found.set(index, at);
  });
  return found;
}
