import type { Client } from '@temporalio/client';
import { Failure } from '../../contracts/failures';
import { promotionMessages, type PromotionView } from '../../contracts/messages';
import type { PromotionRecord } from '../../contracts/schemas/promotion';
import { askWorkflowTwice } from './ask-workflow';

export interface WaitingPromotion {
  readonly workflowId: string;
  readonly model: string;
  readonly version: number;
  /** Missing where nobody answers for it now. */
  readonly record?: PromotionRecord;
}

/** The promotions that wait for a person. */
export async function waitingPromotions(client: Client): Promise<WaitingPromotion[]> {
  const query =
    "WorkflowType = 'promote' AND ExecutionStatus = 'Running' AND DroverApproval IN ('waiting', 'reminded')";
  const found: WaitingPromotion[] = [];
  for await (const { workflowId } of client.workflow.list({ query })) {
    const handle = client.workflow.getHandle(workflowId);
    const view = await askWorkflowTwice<PromotionView>(handle, promotionMessages.view).catch(() => undefined);
    if (view === undefined) {
      found.push({ workflowId, ...namedBy(workflowId) });
    } else if (view.state === 'waiting') {
      // Otherwise it was decided on meanwhile.
      const { model, version, record } = view;
      found.push({ workflowId, model, version, ...(record && { record }) });
    }
  }
  return found;
}

/** Of one that doesn't answer now, as its workers are away: by the id that Drover gives. */
function namedBy(workflowId: string): Pick<WaitingPromotion, 'model' | 'version'> {
  const [, model = workflowId, version = '0'] = /^promote-(.+)-v(\d+)$/.exec(workflowId) ?? [];
  return { model, version: Number(version) };
}

/**
 * @param wished - `animals@2`, a workflow's id, or undefined for the only one that waits
 * @throws Failure `not-found`; `start-refused` where several are meant
 */
export async function waitingPromotion(
  client: Client,
  wished: string | undefined,
): Promise<WaitingPromotion> {
  const waiting = await waitingPromotions(client);
  const meant = waiting.filter(
    ({ workflowId, model, version }) =>
      wished === undefined ||
      [workflowId, `${model}@${version}`, `${model}@v${version}`, model].includes(wished),
  );
  const [first, ...more] = meant;
  const listed = (some: readonly WaitingPromotion[]): string =>
    some.map(({ model, version, workflowId }) => `${model}@${version} (${workflowId})`).join(', ');
  if (first === undefined) {
    throw new Failure(
      'not-found',
      waiting.length === 0
        ? 'No promotion waits for a person.'
        : `No such promotion waits for a person; these do: ${listed(waiting)}.`,
    );
  }
  if (more.length > 0) {
    throw new Failure('start-refused', `Several promotions wait: ${listed(meant)}. Name one.`);
  }
  return first;
}
