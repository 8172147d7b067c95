import { amiss, type Outcome, type State } from '../../lib/google-setup/walk';
import { type Colours, pad } from './format';

const words: Readonly<Record<State, string>> = {
  ...{ there: 'there', made: 'made', missing: 'missing', differs: 'differs' },
  ...{ yours: 'to do', refused: 'refused', waits: 'waits' },
};
const width = Math.max(...Object.values(words).map((word) => word.length));

/** One row: its state, what it is, why, and below it what Google said and what does the same by hand. */
export function outcomeLines(
  { item, state, note }: Outcome,
  colours: Colours,
  { commands }: { readonly commands: boolean },
): string[] {
  const colour = {
    ...{ there: colours.green, made: colours.green, missing: colours.yellow, waits: colours.yellow },
    ...{ yours: colours.yellow, differs: colours.red, refused: colours.red },
  }[state];
  const isShort = state === 'there' || state === 'missing' || state === 'waits';
  const indent = ' '.repeat(width + 2);
  return [
    `${colour(pad(words[state], width))}  ${item.what}${note !== undefined && isShort ? ` (${note})` : ''}  ${colours.dim(item.why)}`,
    ...(note !== undefined && !isShort ? [`${indent}${note}`] : []),
    ...(commands ? [colours.dim(`${indent}$ ${item.command}`)] : []),
  ];
}

/** What is left, each with what to do; or that nothing is. */
export function toDoLines(outcomes: readonly Outcome[], colours: Colours): string[] {
  const left = amiss(outcomes);
  if (left.length === 0) return [colours.green('The project has all that it needs.')];
  return [
    colours.yellow(`${left.length} of ${outcomes.length} to do:`),
    ...left.flatMap(({ item, state, note }) => [
      `- ${item.what}: ${words[state]}${note === undefined ? '' : ` (${note})`}`,
      // A note of what differs says itself what to do about it.
      ...(state === 'differs' || item.wanted.kind === 'quota' || item.wanted.kind === 'zones'
        ? []
        : [`  $ ${item.command}`]),
    ]),
    ...(left.some(({ state }) => state === 'missing')
      ? ['`npx drover gcp setup` makes what is missing; with --dry-run it only says what it would do.']
      : []),
  ];
}

export function asJson(project: string, outcomes: readonly Outcome[]): string {
  const items = outcomes.map(({ item: { wanted, what, why, command }, state, note }) => ({
    ...{ state, kind: wanted.kind, what, why },
    ...(note !== undefined && { note }),
    command,
  }));
  return JSON.stringify({ project, ok: amiss(outcomes).length === 0, items }, null, 2);
}
