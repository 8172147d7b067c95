import type { WorkflowHandle } from '@temporalio/client';
import type { Activities } from '../../activities';
import { askWorkflow } from '../../cli/temporal/ask-workflow';
import type { PromotionMove } from '../../activities/promotion';
import type { PromotionView } from '../../contracts/messages';
import type { GateOutcome, PromotionRecord } from '../../contracts/schemas/promotion';
import { fakeActivities } from './fake-activities';

export const gateSet = {
  manifest: { uri: 'store://manifest', sha256: '0'.repeat(64) },
  split: 'test' as const,
  pictures: 5,
  uses: 1,
};
export const undecided = (gate: string): GateOutcome => ({
  gate,
  verdict: 'undecided',
  value: null,
  limit: 0,
  why: 'too few pictures',
  onUndecided: 'approve-by-person',
});

/** Activities whose judgement asks a person, with what was moved and kept. */
export async function asking(changes: Partial<Activities> = {}) {
  const moves: PromotionMove[] = [];
  const kept: PromotionRecord[] = [];
  const plan = await fakeActivities().planPromotion({});
  const activities = fakeActivities({
    planPromotion: async () => ({ ...plan, by: 'pipeline-animals' }),
    judgeVersion: async () => ({
      verdict: 'ask',
      gates: [undecided('recall')],
      reason: 'all passed',
      gateSet,
    }),
    movePromoted: async (move) => void moves.push(move),
    keepPromotion: async (record) => void kept.push(record),
    ...changes,
  });
  return { activities, moves, kept };
}

/** @param champion - where it was asked before: the version that it is judged against now */
export async function untilWaiting(handle: WorkflowHandle, champion?: number): Promise<void> {
  for (;;) {
    const view = await askWorkflow<PromotionView>(handle, 'promotion').catch(() => undefined);
    if (view?.state === 'waiting' && (champion ?? view.record?.champion) === view.record?.champion) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
