import { defineUpdate, setHandler } from '@temporalio/workflow';
import { deploymentMessages } from '../contracts/deployments';
import type { Decision } from '../contracts/messages';
import { plainDecision, refused, requireDecision } from './decision';

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
      (decision) => {
        this.back ??= plainDecision(decision);
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
      (decision) => {
        this.further = plainDecision(decision);
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
