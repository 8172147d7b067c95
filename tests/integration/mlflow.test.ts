import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { storeKey } from '../../contracts/refs';
import { createFolderStore } from '../../lib/storage/folder-store';
import { putRef } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';
import { createTracker } from '../../lib/tracking/create-tracker';
import type { Tracker } from '../../lib/tracking/tracker';
import { removeMlflowFolder, startMlflowServer } from '../support/mlflow-server';
import {
  epochMetrics,
  runResult,
  samplePictures,
  stepRecord,
  tell,
  trackedRunId,
  trackerOptions,
} from '../support/tracked-run';
import { findTrackingPython } from '../support/tracking-python';

const python = findTrackingPython('mlflow') ?? '';
if (python === '') console.warn('There is no Python with mlflow here: no run is sent to a real server.');

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

(python === '' ? describe.skip : describe)('a run sent to a real MLflow server', () => {
  let server: Awaited<ReturnType<typeof startMlflowServer>>;
  let folder = '';
  let store: Store;
  let notices: string[] = [];

  beforeAll(async () => {
    server = await startMlflowServer(python);
  }, 120_000);
  afterAll(async () => {
    await server.stop();
    await removeMlflowFolder(server.folder);
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    if (folder !== '') await rm(folder, { recursive: true, force: true });
    folder = await mkdtemp(join(tmpdir(), 'drover-mlflow-'));
    store = createFolderStore(folder);
    notices = [];
  });

  function track(experiment: string, resumedFrom = 0): Promise<Tracker> {
    // A pause that no test waits for: what was missed is sent at the end, not before.
    const times = { finishMs: 60_000, pauseMs: 3_600_000 };
    return createTracker(
      trackerOptions(store, {
        resumedFrom,
        mlflow: { uri: server.uri, experiment, times },
        onNotice: (message) => void notices.push(message),
      }),
    );
  }

  async function told(tracker: Tracker, from: number, to: number): Promise<void> {
    tell(tracker, from, to);
    await tracker.flush(to);
  }

  /** Ends a run of five epochs, its model being what a test can look for. */
  async function finish(tracker: Tracker): Promise<void> {
    const result = runResult(5);
    for (const ref of [result.model.onnx, result.model.layers, result.model.weights]) {
      const key = storeKey(ref.uri)!;
      expect(await putRef(store, key, Buffer.from(key))).toEqual(ref);
    }
    await tracker.finish(result, samplePictures(6, ['cat', 'dog']));
  }

  async function runsOf(experiment: string): Promise<any[]> {
    const found = await server.ask(`experiments/get-by-name?experiment_name=${experiment}`);
    if (found.experiment === undefined) return [];
    const ids = [found.experiment.experiment_id];
    return (await server.ask('runs/search', { experiment_ids: ids })).runs ?? [];
  }

  const tagOf = (run: any, key: string): string | undefined =>
    run?.data.tags.find((tag: any) => tag.key === key)?.value;

  async function historyOf(run: any, key: string): Promise<[number, number][]> {
    const query = `run_id=${run.info.run_id}&metric_key=${key}&max_results=5000`;
    const { metrics } = await server.ask(`metrics/get-history?${query}`);
    return metrics.map(({ step, value }: any) => [Number(step), value]).sort((a: any, b: any) => a[0] - b[0]);
  }

  async function untilSent(experiment: string, step: number): Promise<void> {
    while (tagOf((await runsOf(experiment))[0], 'drover.step') !== String(step)) await sleep(50);
  }

  async function expectWhole(experiment: string): Promise<void> {
    const runs = await runsOf(experiment);
    expect(runs).toHaveLength(1);
    const [run] = runs;
    expect(run.info).toMatchObject({ status: 'FINISHED', run_name: trackedRunId });
    expect(tagOf(run, 'drover.run')).toBe(trackedRunId);
    expect(await historyOf(run, 'train/loss')).toEqual(
      upTo(100).map((step) => [step, stepRecord(step).loss]),
    );
    expect(await historyOf(run, 'validation/accuracy')).toEqual(
      upTo(5).map((epoch) => [20 * epoch, epochMetrics(epoch).validation_accuracy]),
    );
    expect(await historyOf(run, 'best/epoch')).toEqual([[100, 5]]);
    expect(run.data.params).toContainEqual({ key: 'augmentation.flip', value: 'true' });
    const artifacts = run.info.artifact_uri.replace('mlflow-artifacts:/', '');
    for (const name of ['report.html', 'metrics.jsonl']) {
      const stored = await store.read(`runs/${trackedRunId}/${name}`);
      expect((await server.artifact(`${artifacts}/${name}`)).equals(stored)).toBe(true);
    }
    expect(String(await server.artifact(`${artifacts}/model/model.onnx`))).toBe('model.onnx');
  }

  it('is one run with every figure once, though it was killed and went on from before what was sent', async () => {
    const killed = await track('killed');
    await told(killed, 0, 30);
    await told(killed, 30, 70);
    await untilSent('killed', 70);
    expect((await runsOf('killed'))[0].info.status).toBe('RUNNING');

    const resumed = await track('killed', 30);
    await told(resumed, 30, 60);
    await told(resumed, 60, 100);
    await finish(resumed);
    await expectWhole('killed');
    expect(notices).toEqual([]);
  }, 120_000);

  it('has at its end what a server that was away meanwhile has missed', async () => {
    const tracker = await track('away');
    await told(tracker, 0, 30);
    await untilSent('away', 30);
    const { folder: place, port } = server;
    await server.stop();
    await told(tracker, 30, 60);
    while (notices.length === 0) await sleep(20);
    server = await startMlflowServer(python, { folder: place, port });
    await told(tracker, 60, 100);
    expect(tagOf((await runsOf('away'))[0], 'drover.step')).toBe('30');
    await finish(tracker);
    await expectWhole('away');
    expect(notices).toEqual([expect.stringMatching(/refuses connections|cut the connection/)]);
  }, 180_000);

  it('is sent as a whole where the server was not there before its end', async () => {
    const { folder: place, port } = server;
    await server.stop();
    const tracker = await track('late');
    await told(tracker, 0, 50);
    while (notices.length === 0) await sleep(20);
    server = await startMlflowServer(python, { folder: place, port });
    await told(tracker, 50, 100);
    await finish(tracker);
    await expectWhole('late');
  }, 180_000);
});
