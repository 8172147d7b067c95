import type { Decision } from '../../contracts/messages';
import type { PromotionRecord } from '../../contracts/schemas/promotion';

/** A promotion that waits for a person. */
export interface PendingPromotion {
  readonly workflow: string;
  readonly model: string;
  readonly version: number;
  /** What was judged. */
  readonly record?: PromotionRecord;
}

/** What is done by workflows, and by whom it was asked for. */
export interface Administration {
  pending(): Promise<readonly PendingPromotion[]>;
  /** @throws Failure `not-found` where it does not wait any more; `start-refused` with its own words */
  decide(workflow: string, decision: 'approve' | 'reject', said: Decision): Promise<void>;
  /** Moves the champion back. @param version - undefined: to the one before @returns the champion then */
  rollback(model: string, version: number | undefined, said: Decision): Promise<number | undefined>;
}
