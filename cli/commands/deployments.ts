import { Failure } from '../../contracts/failures';
import type { Decision } from '../../contracts/messages';
import type { DeploymentRecord } from '../../contracts/schemas/deployment';
import { listDeployments, readDeployment } from '../../lib/deployment/records';
import type { Console } from '../display/console';
import { deploymentLines, deploymentRows } from '../display/deployment';
import type { Outside, SettingFlags } from '../settings';
import { connect, withClient } from '../temporal/connect';
import { sendDecision } from '../temporal/send-decision';
import { whoAsks } from '../who';
import { openModels, type JsonFlags } from './models/place';

export type DeploymentsFlags = JsonFlags;

export interface SteerFlags extends SettingFlags {
  readonly by?: string;
  readonly reason: string;
}

/** Lists the deployments, or shows one. @throws Failure `not-found` */
export async function deployments(
  id: string | undefined,
  flags: DeploymentsFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const { store } = openModels(flags, outside);
  if (id !== undefined) {
    const record = await readDeployment(store, id);
    if (flags.json === true) out.say(JSON.stringify(record, null, 2));
    else for (const line of deploymentLines(record, out.colours)) out.say(line);
    return;
  }
  const records = await listDeployments(store);
  if (flags.json === true) out.say(JSON.stringify(records, null, 2));
  else if (records.length === 0) out.say('Nothing has been deployed yet: npx drover deploy --dry-run');
  else for (const line of deploymentRows(records, out.colours)) out.say(line);
}

/**
 * Tells a deployment that runs to go back, or to take its step as passed.
 *
 * @throws Failure `not-found` where it does not run; `start-refused` with the deployment's own words
 */
export async function steerDeployment(
  update: 'rollback' | 'advance',
  id: string | undefined,
  flags: SteerFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const { store, settings } = openModels(flags, outside);
  const record =
    id === undefined ? theOneThatRuns(await listDeployments(store)) : await readDeployment(store, id);
  const decision: Decision = { by: flags.by ?? whoAsks(outside.environment), reason: flags.reason };
  const ended =
    `The deployment ${record.id} has ended. To go back from what serves now: ` +
    (record.target === 'local'
      ? `npx drover rollback ${record.model} --reason WHY`
      : `npx drover deploy ${record.model}@VERSION`);
  await withClient(await connect(settings), (client) =>
    sendDecision(client, record.workflow, update, decision, ended),
  );
  const said =
    update === 'rollback' ? `goes back to ${record.before}` : 'takes its step as passed at the next look';
  out.say(`${record.model} version ${record.version} ${said}.`);
}

function theOneThatRuns(records: readonly DeploymentRecord[]): DeploymentRecord {
  const running = records.filter(({ state }) => state === 'running');
  const [one, another] = running;
  if (one !== undefined && another === undefined) return one;
  throw new Failure(
    'not-found',
    one === undefined
      ? 'No deployment runs now.'
      : `Several deployments run: ${running.map(({ id }) => id).join(', ')}. Name one.`,
  );
}
