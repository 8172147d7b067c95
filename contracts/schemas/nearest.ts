import { distance } from 'fastest-levenshtein';

/** The candidate that a mistyped word most likely meant, or undefined where none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const typed = word.toLowerCase();
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const known = candidate.toLowerCase();
    // A whole word left out or added ("val_loss", "filters") is as likely as a slip of a finger.
    const parts = known.split(/[._]/);
    const away = parts.includes(typed) ? 0.5 : distance(typed, known);
    if (away < least && away <= Math.max(1, Math.floor(known.length * 0.4))) {
      best = candidate;
      least = away;
    }
  }
  return best;
}

/** `; did you mean "max"?`, or the choices where none is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates);
  if (meant !== undefined) return `; did you mean "${meant}"?`;
  return candidates.length === 0 ? '' : `; expected one of ${candidates.join(', ')}`;
}
