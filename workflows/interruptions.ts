import { ApplicationFailure, defineUpdate, setHandler } from '@temporalio/workflow';
import { deploymentMessages } from '../contracts/deployments';
import type { Decision } from '../contracts/messages';

const longest = { by: 200, reason: 2000 };

/** What people say to a deployment while it runs. */
export class Interruptions {
  private back: Decision | undefined;
  private further: Decision | undefined;
  private open = true;
  private watching = false;

  /** @param onRollback - ends whatever is under way */
  listen(onRollback: () => void): void {
    setHandler(
      defineUpdate<Decision, [Decision]>(deploymentMessages.rollback),
      ({ by, reason }) => {
        this.back ??= { by: by.trim(), reason: reason.trim() };
        onRollback();
        return this.back;
      },
      {
        validator: (decision) => {
          if (!this.open) throw refused('This deployment has ended, or is going back already.');
          requireDecision(deploymentMessages.rollback, decision);
        },
      },
    );
    setHandler(
      defineUpdate<Decision, [Decision]>(deploymentMessages.advance),
      ({ by, reason }) => {
        this.further = { by: by.trim(), reason: reason.trim() };
        return this.further;
      },
      {
        validator: (decision) => {
          if (!this.open || !this.watching) throw refused('No step of this deployment is being watched now.');
          requireDecision(deploymentMessages.advance, decision);
        },
      },
    );
  }

  /** From here on nothing is taken. */
  close(): void {
    this.open = false;
  }

  /** Who asked to go back, where somebody did. */
  get rollback(): Decision | undefined {
    return this.back;
  }

  /** Who took the step that is being watched as passed; of each step anew. */
  get advance(): Decision | undefined {
    return this.further;
  }

  beginWatching(): void {
    this.further = undefined;
    this.watching = true;
  }

  endWatching(): void {
    this.watching = false;
  }
}

/** Whoever reaches the Temporal frontend can send any JSON. */
function requireDecision(update: string, decision: unknown): void {
  for (const key of ['by', 'reason'] as const) {
    const found: unknown =
      typeof decision === 'object' && decision !== null
        ? Object.entries(decision).find(([name]) => name === key)?.[1]
        : undefined;
    if (typeof found !== 'string' || found.trim() === '') {
      throw refused(`${update} takes {"by": "<your name>", "reason": "<why>"}; ${key} is missing or empty.`);
    }
    if (found.length > longest[key]) {
      throw refused(`${update}: ${key} is longer than ${longest[key]} characters.`);
    }
  }
}

function refused(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'start-refused');
}
