import type { Client } from '@temporalio/client';
import { identify } from '../../cli/processes/identity';
import type { Installation } from './installation';
import { readProcess } from './processes';

const patienceMs = 3000;

/** What is not well now, by name; nothing where all is. */
export async function ailing(
  installation: Installation,
  client: Client,
  workflow: string,
): Promise<string[]> {
  const checks: Record<string, Promise<boolean>> = {
    processes: processesRun(installation),
    api: ready(installation.api),
    server: answers(client),
    // A query is answered by the worker that polls `ml`, from the history that the server has.
    workers: asks(client, workflow),
  };
  const found = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => ((await check.catch(() => false)) ? [] : [name])),
  );
  return found.flat();
}

async function processesRun(installation: Installation): Promise<boolean> {
  for (const name of ['start', ...installation.names]) {
    const pid = await installation.pidOf(name);
    if (pid === undefined || (await identify(pid)) === undefined || readProcess(pid)?.state === 'T')
      return false;
  }
  return true;
}

async function ready(api: URL): Promise<boolean> {
  const response = await fetch(new URL('/readyz', api), { signal: AbortSignal.timeout(patienceMs) });
  return response.ok;
}

async function answers(client: Client): Promise<boolean> {
  await client.withDeadline(Date.now() + patienceMs, () => client.workflowService.getSystemInfo({}));
  return true;
}

async function asks(client: Client, workflow: string): Promise<boolean> {
  await client.withDeadline(Date.now() + patienceMs, () =>
    client.workflow.getHandle(workflow).query('progress'),
  );
  return true;
}
