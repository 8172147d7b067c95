import { distance } from 'fastest-levenshtein';

/** ` Did you mean …?`, with the nearest of some words, where it is near enough to have been meant; else nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const [nearest] = [...known].sort((a, b) => distance(word, a) - distance(word, b));
  const meant = nearest !== undefined && distance(word, nearest) <= Math.max(1, nearest.length / 3);
  return meant ? ` Did you mean ${nearest}?` : '';
}
