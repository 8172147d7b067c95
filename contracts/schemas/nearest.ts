import { distance } from 'fastest-levenshtein';

/** The candidate that a mistyped word most likely meant, or undefined where none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const away = apart(word.toLowerCase(), candidate.toLowerCase());
    if (away < least && away <= Math.max(1, Math.floor(candidate.length * 0.4))) {
      best = candidate;
      least = away;
    }
  }
  return best;
}

/** How unlikely it is that `known` was meant: slips of a finger, or less for a word cut short. */
function apart(typed: string, known: string): number {
  const [given, parts] = [typed.split('_'), known.split('_')];
  // "val_loss" for validation_loss.
  if (
    given.length === parts.length &&
    given.every((part, at) => part !== '' && parts[at]?.startsWith(part))
  ) {
    return 0.5;
  }
  // "dense" for network.dense.
  const last = known.slice(known.lastIndexOf('.') + 1);
  return Math.min(distance(typed, known), distance(typed, last) + (last === known ? 0 : 0.5));
}

/** `; did you mean "max"?`, or the choices where none is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates);
  if (meant !== undefined) return `; did you mean "${meant}"?`;
  return candidates.length === 0 ? '' : `; expected one of ${candidates.join(', ')}`;
}
