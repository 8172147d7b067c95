/** What one person, or somebody without a name, says a picture shows. */
export interface SaidLabel {
  /** The prediction that it was said of. */
  readonly prediction: string;
  readonly label: string;
  /** The API key's name; undefined where none was asked for. */
  readonly by: string | undefined;
  /** ISO 8601. */
  readonly at: string;
  readonly note: string | undefined;
}

/**
 * How far people agree:
 * - `agreed`: every voice says the same
 * - `majority`: more than half of the voices do
 * - `tied`: neither; there is no label to propose
 */
export type Agreement = 'agreed' | 'majority' | 'tied';

export interface Settlement {
  readonly agreement: Agreement;
  /** What the rule proposes; undefined where it is tied. */
  readonly label: string | undefined;
  /** The labels that count, the oldest first. */
  readonly voices: readonly SaidLabel[];
}

/**
 * What some labels of one picture come to:
 *
 * 1. A person has one voice: what they said last.
 * 2. Those without a name can't be told apart, so that each label that any of them gave is one voice, however often it was said:
 *    nobody outvotes the others by saying it a hundred times, and two that differ are seen to.
 * 3. The label of more than half of the voices is proposed. Without one, nothing is.
 *
 * Nothing here decides: whatever is proposed, a person accepts, corrects or refuses it.
 *
 * @param said - one or more, in any order
 */
export function settle(said: readonly SaidLabel[]): Settlement {
  const last = new Map<string, SaidLabel>();
  for (const each of [...said].sort(byTime)) {
    last.set(each.by === undefined ? `label:${each.label}` : `person:${each.by}`, each);
  }
  const voices = [...last.values()].sort(byTime);
  const counts = new Map<string, number>();
  for (const { label } of voices) counts.set(label, (counts.get(label) ?? 0) + 1);
  const winner = [...counts].find(([, count]) => 2 * count > voices.length)?.[0];
  const agreement = counts.size === 1 ? 'agreed' : winner === undefined ? 'tied' : 'majority';
  return { agreement, label: winner, voices };
}

/** By time; of one moment by label, so that the order in which they were read changes nothing. */
function byTime(a: SaidLabel, b: SaidLabel): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  return a.label < b.label ? -1 : Number(a.label > b.label);
}
