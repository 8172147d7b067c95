/** Trials in one document. A message may hold fewer: see {@link inOneMessage}. */
export const trialsInPiece = 500;

/**
 * JSON of the trials in one message. Temporal takes 2 MB, and a character may be three bytes; a trial is some hundred
 * characters, and one that tells of each of its epochs some thousand.
 */
const charactersInMessage = 600_000;

/** The first of some trials, as many as a message holds, and one at least where there is one. */
export function inOneMessage<T>(trials: Iterable<T>): T[] {
  const fitting: T[] = [];
  let characters = 0;
  for (const trial of trials) {
    characters += JSON.stringify(trial).length;
    if (characters > charactersInMessage && fitting.length > 0) break;
    fitting.push(trial);
  }
  return fitting;
}
