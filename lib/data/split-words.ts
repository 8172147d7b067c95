import type { SplitName } from '../../contracts/schemas/documents';

/** What people call the splits, in folders and in lists. */
const words: ReadonlyMap<string, SplitName> = new Map([
  ['train', 'train'],
  ['training', 'train'],
  ['validation', 'validation'],
  ['valid', 'validation'],
  ['val', 'validation'],
  ['test', 'test'],
  ['testing', 'test'],
]);

/** The split that a word means, in capitals or not; undefined where it means none. */
export function splitOf(word: string): SplitName | undefined {
  return words.get(word.toLowerCase());
}
