import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import { describe, expect, it } from '@jest/globals';
import { workflowTypes } from '../../contracts/names';
import { retraining } from '../../contracts/monitor';
import { notification } from '../../contracts/webhooks';
import { quietRuntime, workflowBundle } from '../support/temporal';

const folder = join(__dirname, 'histories');

const histories = readdirSync(folder).flatMap((release) =>
  readdirSync(join(folder, release)).map((file) => ({ release, file, path: join(folder, release, file) })),
);

const read = (path: string) => historyFromJSON(JSON.parse(readFileSync(path, 'utf8')));

async function replay(history: ReturnType<typeof read>, file: string): Promise<void> {
  quietRuntime();
  const workflowId = file.replace('.json', '').replaceAll('.', '/');
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, workflowId);
}

describe('workflow code', () => {
  it('has a stored history of every workflow type to be replayed', () => {
    const types = new Set(histories.map(({ path }) => startedType(read(path))));
    expect([...types].sort()).toEqual([...workflowTypes, notification.type, retraining].sort());
  });

  it.each(histories)('replays $release/$file without a difference', async ({ path, file }) => {
    await expect(replay(read(path), file)).resolves.toBeUndefined();
  });

  it('is told apart where it would go another way', async () => {
    const [sweep] = histories.filter(({ file }) => file === 'sweep-alone.json');
    const history = read(sweep?.path ?? '');
    const scheduled = history.events?.find((event) => event.activityTaskScheduledEventAttributes);
    if (scheduled?.activityTaskScheduledEventAttributes?.activityType) {
      scheduled.activityTaskScheduledEventAttributes.activityType.name = 'resolveAnotherWay';
    }
    await expect(replay(history, 'sweep-alone.json')).rejects.toBeInstanceOf(DeterminismViolationError);
  });
});

function startedType(history: ReturnType<typeof read>): string | null | undefined {
  return history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name;
}
