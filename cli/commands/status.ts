import { type Client, type WorkflowExecutionInfo, WorkflowFailedError } from '@temporalio/client';
import { retraining } from '../../contracts/monitor';
import { workflowTypes } from '../../contracts/names';
import type { Ledger } from '../../contracts/schemas/processes';
import { createRegistry } from '../../lib/registry/registry';
import { openStore } from '../../lib/storage/open-store';
import { readQuarantines } from '../../lib/training/quarantines';
import { type Champion, readChampion } from '../champion';
import type { Console } from '../display/console';
import { plainText } from '../display/dataset';
import { duration } from '../display/format';
import { newLines } from '../display/plain';
import { accuracyLine } from '../display/result';
import { table } from '../display/table';
import { emptyView } from '../display/view';
import { failureText } from '../failure-text';
import { modelName } from '../model-name';
import { isAlive } from '../processes/identity';
import { runningLedger } from '../processes/leftovers';
import { portsOf } from '../processes/running-ports';
import { type Outside, type SettingFlags, addresses, environmentWith, settingsOf } from '../settings';
import { connect, withClient } from '../temporal/connect';
import { workflowFailure } from '../temporal/follow';
import { unpolled } from '../temporal/preflight';
import { ProgressReader } from '../temporal/progress';

interface ShownWorkflow {
  readonly id: string;
  readonly type: string;
  readonly state: string;
  readonly started: string;
  readonly closed?: string;
  readonly progress?: readonly string[];
  /** Why it failed, or the queue that it waits at with nobody to poll it. */
  readonly reason?: string;
}

/** What runs, where, who the champion is, and what the last workflows came to. */
export async function status(
  flags: SettingFlags & { readonly json?: boolean },
  outside: Outside,
  out: Console,
): Promise<void> {
  const ledger = await runningLedger(settingsOf(flags, outside).home);
  // What runs may have been started with other ports than this command was: they are in its ledger.
  const running = ledger ? { ...environmentWith(flags, outside.environment), ...portsOf(ledger) } : undefined;
  const settings = running
    ? settingsOf({}, { ...outside, environment: running })
    : settingsOf(flags, outside);
  const model = ledger?.model ?? (await modelName(settings, outside.environment));
  const store = openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
  const [processes, champion, workflows, resting] = await Promise.all([
    processesOf(ledger),
    readChampion(store, createRegistry(store), model),
    // Where nothing of ours runs, our server doesn't either: no need to wait for it.
    ledger || !settings.temporal.development ? workflowsOf(settings) : [],
    readQuarantines(store, Date.now()),
  ]);
  const at = ledger?.addresses ?? addresses(settings);
  if (flags.json === true) {
    out.say(
      JSON.stringify(
        {
          running: ledger !== undefined,
          home: settings.home,
          addresses: at,
          processes,
          champion: champion
            ? { model, version: champion.version.version, accuracy: champion.evaluation.accuracy }
            : null,
          workflows: workflows ?? null,
          quarantined: resting,
        },
        null,
        2,
      ),
    );
    return;
  }
  sayProcesses(out, settings.home, ledger, processes, at);
  for (const { worker, until, reason } of resting) {
    const time = new Date(until).toISOString().slice(11, 16);
    out.say(out.colours.red(`Worker ${worker} takes no trainings until ${time} UTC: ${reason}`));
  }
  sayChampion(out, model, champion);
  sayWorkflows(out, workflows);
}

interface ShownProcess {
  readonly name: string;
  readonly pid: number;
  readonly alive: boolean;
}

async function processesOf(ledger: Ledger | undefined): Promise<ShownProcess[]> {
  if (!ledger) return [];
  const supervisor = { ...ledger.supervisor, name: 'start' };
  return Promise.all(
    [supervisor, ...ledger.children].map(async (process) => ({
      name: process.name,
      pid: process.pid,
      alive: await isAlive(process),
    })),
  );
}

/** @returns undefined where no server answers. */
async function workflowsOf(settings: Parameters<typeof connect>[0]): Promise<ShownWorkflow[] | undefined> {
  const client = await connect(settings, 3000).catch(() => undefined);
  if (!client) return undefined;
  return withClient(client, async () => {
    const [open, closed] = await Promise.all([
      // Children are part of what their parents show.
      listed(client, "ExecutionStatus = 'Running'", 20),
      listed(client, "ExecutionStatus != 'Running'", 5),
    ]);
    const idle = await unpolled(client, new Set(open.map(({ taskQueue }) => taskQueue)));
    const [progress, reasons] = await Promise.all([
      Promise.all(open.map((workflow) => progressOf(client, workflow, idle))),
      Promise.all(closed.map((workflow) => reasonOf(client, workflow))),
    ]);
    return [
      ...open.map((workflow, at) => {
        const { taskQueue } = workflow;
        return shown(
          workflow,
          progress[at],
          idle.has(taskQueue) ? `waits: nobody polls ${taskQueue}` : undefined,
        );
      }),
      ...closed.map((workflow, at) => shown(workflow, undefined, reasons[at])),
    ];
  }).catch(() => undefined);
}

/** Types that outlive whoever starts them. */
const goesOnAlone: ReadonlySet<string> = new Set(['pipeline', retraining]);

async function listed(client: Client, query: string, most: number): Promise<WorkflowExecutionInfo[]> {
  const found: WorkflowExecutionInfo[] = [];
  for await (const workflow of client.workflow.list({ query, pageSize: 100 })) {
    if (workflow.parentExecution && !goesOnAlone.has(workflow.type)) continue;
    found.push(workflow);
    if (found.length === most) break;
  }
  return found;
}

/** @param idle - queues that nobody polls, and so nobody would answer from */
async function progressOf(
  client: Client,
  workflow: WorkflowExecutionInfo,
  idle: ReadonlySet<string>,
): Promise<string[]> {
  const type = workflowTypes.find((known) => known === workflow.type);
  if (!type || idle.has(workflow.taskQueue)) return [];
  const view = emptyView(workflow.workflowId);
  return newLines(view, await new ProgressReader(client, workflow.workflowId, type).read(view, Date.now()));
}

/** What a workflow failed with, on one line; undefined where it did not, or can't be asked. */
async function reasonOf(
  client: Client,
  { status, ...run }: WorkflowExecutionInfo,
): Promise<string | undefined> {
  if (status.name !== 'FAILED' && status.name !== 'TIMED_OUT') return undefined;
  const handle = client.workflow.getHandle(run.workflowId, run.runId, { followRuns: false });
  try {
    await handle.result();
    return undefined;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) return undefined;
    const { title, said } = failureText(workflowFailure(error));
    return plainText(`${title} ${said.split('\n')[0] ?? ''}`);
  }
}

function shown(
  workflow: WorkflowExecutionInfo,
  progress?: readonly string[],
  reason?: string,
): ShownWorkflow {
  return {
    id: workflow.workflowId,
    type: workflow.type,
    state: workflow.status.name.toLowerCase(),
    started: workflow.startTime.toISOString(),
    ...(workflow.closeTime ? { closed: workflow.closeTime.toISOString() } : {}),
    ...(progress ? { progress } : {}),
    ...(reason === undefined ? {} : { reason }),
  };
}

function sayProcesses(
  out: Console,
  home: string,
  ledger: Ledger | undefined,
  processes: readonly ShownProcess[],
  at: Ledger['addresses'],
): void {
  const { bold, cyan, dim, green, red } = out.colours;
  if (!ledger) {
    out.say(`Nothing runs for ${home}. Start it with ${bold('npm start')}.`);
    return;
  }
  out.say(`${bold('API')}        ${cyan(at.api)}`);
  if (at.ui !== undefined) out.say(`${bold('workflows')}  ${cyan(at.ui)}`);
  out.say(
    `${bold('processes')}  ${processes
      .map(({ name, pid, alive }) => `${alive ? green('●') : red('○')} ${name} ${dim(String(pid))}`)
      .join('  ')}`,
  );
}

function sayChampion(out: Console, model: string, champion: Champion | undefined): void {
  out.say();
  if (!champion) {
    out.say(`There is no champion of ${model} yet.`);
    return;
  }
  const { version, evaluation } = champion;
  out.say(`${out.colours.bold(`${model} version ${version.version}`)} is the champion`);
  out.say(accuracyLine({ ...evaluation, interval: evaluation.accuracyInterval }));
}

function sayWorkflows(out: Console, workflows: readonly ShownWorkflow[] | undefined): void {
  if (!workflows) {
    out.say();
    out.say('The Temporal server does not answer, so its workflows are not known.');
    return;
  }
  if (workflows.length === 0) return;
  out.say();
  const lines = table(
    ['workflow', 'state', 'started', 'took'],
    workflows.map(({ id, state, started, closed }) => [
      id,
      state,
      started.slice(0, 16).replace('T', ' '),
      duration((closed === undefined ? Date.now() : Date.parse(closed)) - Date.parse(started)),
    ]),
  );
  lines.forEach((line, at) => {
    out.say(at === 0 ? out.colours.dim(line) : line);
    const reason = workflows[at - 1]?.reason;
    if (reason !== undefined) out.say(out.colours.yellow(`    ${reason}`));
    for (const progress of workflows[at - 1]?.progress ?? []) out.say(out.colours.dim(`    ${progress}`));
  });
}
