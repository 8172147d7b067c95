import { WorkflowFailedError } from '@temporalio/client';
import type { DeployInput } from '../../contracts/deployments';
import { workflowIds } from '../../contracts/names';
import type { TargetName } from '../../contracts/deployment-targets';
import { findModelVersion, readModelWish } from '../../lib/registry/find-version';
import type { Console } from '../display/console';
import { deploymentLines, planLines } from '../display/deployment';
import type { Outside } from '../settings';
import { unlessLeft } from '../stop-signal';
import { connect, withClient } from '../temporal/connect';
import { workflowFailure } from '../temporal/follow';
import { followDeployment } from '../temporal/follow-deployment';
import { runWorkflow } from '../temporal/run-workflow';
import { whoAsks } from '../who';
import { openModels, type JsonFlags } from './models/place';

export interface DeployFlags extends JsonFlags {
  readonly target?: TargetName;
  readonly config?: string;
  readonly dryRun?: boolean;
  readonly detach?: boolean;
  readonly by?: string;
  readonly reason?: string;
}

/**
 * Deploys a version by the workflow `deploy`, and prints each step as it goes; its exit code is 1 where the version does not
 * serve in the end.
 *
 * @throws Failure `not-found` where there is no such version; `start-refused` where it cannot be deployed, or a deployment of
 *   the model is under way
 */
export async function deployVersion(
  words: readonly (string | undefined)[],
  flags: DeployFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const given = words.filter((word) => word !== undefined);
  const [wished, ...overrides] = given[0]?.includes('=') === true ? [undefined, ...given] : given;
  const place = openModels(flags, outside);
  const { name, which } = readModelWish(wished ?? '');
  const model = name === '' ? await place.defaultName() : name;
  const found = await findModelVersion(place.registry, { name: model, which });
  const { version } = found;
  const dryRun = flags.dryRun === true;
  const input: DeployInput = {
    ...{ model, version, dryRun, by: flags.by ?? whoAsks(outside.environment) },
    ...(flags.target !== undefined && { target: flags.target }),
    ...(flags.reason !== undefined && { reason: flags.reason }),
    ...(flags.config !== undefined && { config: flags.config }),
    ...(overrides.length > 0 && { overrides: overrides.filter((word) => word !== undefined) }),
  };
  const started = await runWorkflow(
    {
      type: 'deploy',
      input,
      // A plan does not keep the deployment itself from starting.
      id: dryRun ? undefined : workflowIds.deployment(model),
      summary: `${model} version ${version}${dryRun ? ', dry run' : ''}`,
      detach: true,
      quiet: flags.json,
    },
    place.settings,
    out,
  );
  const { workflowId } = started;
  if (flags.detach === true) {
    if (flags.json === true) out.say(JSON.stringify(started));
    return;
  }
  const isQuiet = flags.json === true || dryRun;
  const watched = await unlessLeft((signal) =>
    connect(place.settings).then((connected) =>
      withClient(connected, (client) =>
        followDeployment(
          client.workflow.getHandle(workflowId),
          (line) => (isQuiet ? undefined : out.say(line)),
          signal,
        ),
      ),
    ),
  ).catch((error: unknown) => {
    throw error instanceof WorkflowFailedError ? workflowFailure(error) : error;
  });
  if (watched === undefined) {
    const goesBack = 'Have it go back: npx drover deployments rollback --reason WHY';
    out.say(flags.json === true ? JSON.stringify(started) : `${workflowId} goes on without you. ${goesBack}`);
    return;
  }
  const record = watched.seen;
  if (flags.json === true) out.say(JSON.stringify(record, null, 2));
  else {
    const lines = dryRun ? planLines(record, out.colours) : deploymentLines(record, out.colours);
    for (const line of lines) out.say(line);
  }
  if (record.state !== 'serving' && !dryRun) process.exitCode = 1;
}
