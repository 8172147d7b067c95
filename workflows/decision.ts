import { ApplicationFailure } from '@temporalio/workflow';
import type { Decision } from '../contracts/messages';
import { plainWords } from '../contracts/plain-words';

const longest = { by: 200, reason: 2000 };

/** As it is kept and shown. */
export function plainDecision({ by, reason }: Decision): Decision {
  return { by: plainWords(by), reason: plainWords(reason) };
}

/**
 * Whoever reaches the Temporal frontend can send any JSON.
 *
 * @param update - that was sent, for who sent it
 */
export function requireDecision(update: string, decision: unknown): void {
  for (const key of ['by', 'reason'] as const) {
    const found: unknown =
      typeof decision === 'object' && decision !== null
        ? Object.entries(decision).find(([name]) => name === key)?.[1]
        : undefined;
    if (typeof found !== 'string' || plainWords(found) === '') {
      throw refused(`${update} takes {"by": "<your name>", "reason": "<why>"}; ${key} is missing or empty.`);
    }
    if (found.length > longest[key]) {
      throw refused(`${update}: ${key} is longer than ${longest[key]} characters.`);
    }
  }
}

export function refused(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'start-refused');
}
