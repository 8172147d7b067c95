import { setTimeout as sleep } from 'node:timers/promises';
import { reviewDecisionSchema, type ReviewDecision } from '../../contracts/schemas/feedback';
import { decodeLines, encodeLines } from '../storage/json-lines';
import type { Store } from '../storage/store';

export function decisionsKey(model: string): string {
  return `feedback/${model}/decisions.jsonl`;
}

const longestWaitMs = 100;

/** Every decision on one model's feedback, the oldest first; undone ones too. */
export async function readDecisions(store: Store, model: string): Promise<readonly ReviewDecision[]> {
  const key = decisionsKey(model);
  const found = await store.readVersioned(key);
  return found === undefined ? [] : decodeLines(found.bytes, reviewDecisionSchema, key);
}

/**
 * Adds decisions to the log. Of several who write at once each is written, one after the other.
 *
 * @param decide - what to add, by what stands there already: asked again where somebody was faster. It throws where there is nothing to
 *   decide any more, and then nothing is written.
 * @returns what was added
 */
export async function appendDecisions(
  store: Store,
  model: string,
  decide: (before: readonly ReviewDecision[]) => readonly Omit<ReviewDecision, 'seq'>[],
): Promise<readonly ReviewDecision[]> {
  const key = decisionsKey(model);
  for (;;) {
    const found = await store.readVersioned(key);
    const before = found === undefined ? [] : decodeLines(found.bytes, reviewDecisionSchema, key);
    const next = (before.at(-1)?.seq ?? 0) + 1;
    const added = decide(before).map((each, index) => ({ seq: next + index, ...each }));
    if (added.length === 0) return [];
    const bytes = Buffer.concat([found?.bytes ?? Buffer.alloc(0), encodeLines(added)]);
    if ((await store.compareAndSwap(key, bytes, found?.generation)) !== undefined) return added;
    // Somebody got on, so all together do; waiting only saves requests.
    await sleep(Math.random() * longestWaitMs);
  }
}

/** A decision that holds. */
export type Standing = ReviewDecision & { readonly action: 'accept' | 'correct' | 'refuse' };

/** Of each picture, the decision that holds: the last that was not undone. */
export function standingDecisions(log: readonly ReviewDecision[]): ReadonlyMap<string, Standing> {
  const stacks = new Map<string, Standing[]>();
  for (const decision of log) {
    const stack = stacks.get(decision.item) ?? [];
    stacks.set(decision.item, stack);
    const { action } = decision;
    if (action === 'undo') stack.pop();
    else stack.push({ ...decision, action });
  }
  return new Map(
    [...stacks].flatMap(([item, stack]) => {
      const last = stack.at(-1);
      return last === undefined ? [] : [[item, last] as const];
    }),
  );
}
