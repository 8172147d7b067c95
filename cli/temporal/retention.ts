import type { Client } from '@temporalio/client';
import { msToTs, tsToMs } from '@temporalio/common/lib/time';

/** The development server forgets closed workflows after a day; a sweep is worth looking at for longer. */
export async function raiseRetention(client: Client, days: number): Promise<void> {
  const namespace = client.options.namespace;
  const wanted = msToTs(`${days} days`);
  const { config } = await client.workflowService.describeNamespace({ namespace });
  if (tsToMs(config?.workflowExecutionRetentionTtl) >= tsToMs(wanted)) return;
  await client.workflowService.updateNamespace({
    namespace,
    config: { workflowExecutionRetentionTtl: wanted },
  });
}
