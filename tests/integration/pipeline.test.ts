import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { createActivities, type Activities } from '../../activities';
import { createApp } from '../../api/app';
import { createEngine } from '../../api/engine/engine';
import { followAlias } from '../../api/models/follow-alias';
import { championAlias, queues } from '../../contracts/names';
import { preparedIndexSchema, runResultSchema } from '../../contracts/schemas/documents';
import { evaluationSchema } from '../../contracts/schemas/evaluation';
import { readSettings } from '../../contracts/schemas/settings';
import type { PipelineProgress } from '../../contracts/progress';
import { readManifest } from '../../lib/data/manifest';
import { createRegistry } from '../../lib/registry/registry';
import { openStore } from '../../lib/storage/open-store';
import { blobKey, readJson } from '../../lib/storage/refs';
import { createDependencies } from '../../workers/dependencies';
import { evaluate, pipeline, promote, rollback, sweep, train } from '../../workflows';
import { localServer, quiet, withWorkers } from '../support/temporal';

jest.setTimeout(240_000);

const home = mkdtempSync(join(tmpdir(), 'drover-pipeline-'));
const project = mkdtempSync(join(tmpdir(), 'drover-project-'));
const settings = readSettings({ DROVER_HOME: home }, project);
const store = openStore(settings.store);
const registry = createRegistry(store);

const source = 'sample://animals?variations=2&size=48';
const training = { epochs: 2, network: { name: 'cnn', filters: [8], dense: 16 } };
const config = {
  name: 'few',
  source: { uri: source },
  preprocess: { size: 24 },
  sweep: {
    method: 'random',
    parameters: { lr: { distribution: 'log_uniform_values', min: 0.001, max: 0.01 } },
    run_cap: 2,
    train: training,
  },
};

let server: TestWorkflowEnvironment;
let trained = 0;
let activities: Activities;

beforeAll(async () => {
  mkdirSync(join(project, 'configs'));
  writeFileSync(
    join(project, 'configs', 'pipeline.yaml'),
    `defaults: [sweep]\nname: few\nsource: { uri: '${source}' }\npreprocess: { size: 24 }\n`,
  );
  server = await localServer();
  const real = createActivities(createDependencies(settings, process.env));
  activities = {
    ...real,
    trainRun: async (input) => {
      trained += 1;
      return real.trainRun(input);
    },
  };
}, 60_000);

afterAll(async () => {
  await server.teardown();
  for (const folder of [home, project]) rmSync(folder, { recursive: true, force: true });
});

/** The tests go one after another, each from what the one before it left in the store. */
describe('the whole way on a small sample, with nothing faked', () => {
  it('prepares what configs/pipeline.yaml names where a training has nothing to stand on', async () => {
    await withWorkers(server, activities, async () => {
      const result = await server.client.workflow.execute(train, {
        workflowId: 'train-first',
        taskQueue: queues.ml,
        args: [{ config: { ...training, epochs: 1 } }],
      });
      expect(result.epochs).toBe(1);
    });
    expect(trained).toBe(1);
    trained = 0;
  });

  it('leads from drawings to a champion whose lineage leads back to them', async () => {
    await withWorkers(server, activities, async () => {
      const result = await server.client.workflow.execute(pipeline, {
        workflowId: 'pipeline-few',
        taskQueue: queues.ml,
        args: [config],
      });
      expect(result).toMatchObject({ model: 'few', version: 1, promoted: true, champion: 1, baseline: 0.1 });
      expect(result.pictures).toBe(20);
    });
    expect(trained).toBe(2);

    const champion = await registry.alias('few', championAlias);
    expect(champion?.alias).toMatchObject({ version: 1, history: [{ version: 1, by: 'pipeline-few' }] });
    const version = await registry.get('few', 1);
    const run = await readJson(store, version.lineage.result, runResultSchema);
    const index = await readJson(store, run.prepared, preparedIndexSchema);
    const manifest = await readManifest(store, index.dataset.manifest);
    expect(manifest).toHaveLength(index.pictures.length);
    for (const { sha256 } of manifest) expect(await store.exists(blobKey(sha256))).toBe(true);

    const card = (await store.read('models/few/versions/1/card.md')).toString();
    expect(card).toContain('[Twemoji](https://github.com/jdecked/twemoji)');
    expect(card).toContain('## Evaluation');
  });

  it('does nothing twice: a second pipeline keeps every stage and trains nothing', async () => {
    await withWorkers(server, activities, async () => {
      const handle = await server.client.workflow.start(pipeline, {
        workflowId: 'pipeline-few',
        taskQueue: queues.ml,
        args: [config],
      });
      expect(await handle.result()).toMatchObject({ version: 1, champion: 1 });
      const { stages } = await handle.query<PipelineProgress>('progress');
      expect(stages.slice(0, 2).map(({ state }) => state)).toEqual(['kept', 'kept']);
    });
    expect(trained).toBe(2);
    expect(await registry.list('few')).toHaveLength(1);
  });

  it('starts a sweep with overrides, on the prepared set of the last pipeline', async () => {
    await withWorkers(server, activities, async () => {
      const result = await server.client.workflow.execute(sweep, {
        workflowId: 'sweep-overridden',
        taskQueue: queues.ml,
        args: [{ config: config.sweep, overrides: ['run_cap=1', 'train.epochs=1'] }],
      });
      expect(result).toMatchObject({ trials: 1, failed: 0, best: { trial: 1, epochs: 1 } });
    });
    expect(trained).toBe(3);
  });

  it('promotes a second version only where it is better, and rolls back in one step', async () => {
    await withWorkers(server, activities, async () => {
      const { workflow } = server.client;
      const better = {
        ...config,
        sweep: { ...config.sweep, run_cap: 1, train: { ...training, epochs: 40 } },
      };
      const second = await workflow.execute(pipeline, {
        workflowId: 'pipeline-few',
        taskQueue: queues.ml,
        args: [{ ...better, promote: { min_accuracy: 1 } }],
      });
      expect(second).toMatchObject({ version: 2, promoted: false, champion: 1 });
      const first = await registry.get('few', 1);
      expect(second.accuracy).toBeGreaterThan(first.metrics.accuracy);

      const figures = await workflow.execute(evaluate, {
        workflowId: 'evaluate-few',
        taskQueue: queues.ml,
        args: [{ model: 'few', version: 1 }],
      });
      expect(figures.accuracy).toBe(first.metrics.accuracy);
      const measured = await readJson(store, figures.evaluation, evaluationSchema);
      // Asked for by itself, the pictures are made worse, too; on the way to a model they are not.
      expect(measured.robustness).toHaveLength(25);
      const onTheWay = await readJson(store, first.evaluation, evaluationSchema);
      expect(onTheWay).toMatchObject({
        robustness: [],
        predictions: { sha256: measured.predictions?.sha256 },
      });
      for (const { uri } of [figures.evaluation, first.evaluation]) {
        const report = await store.read(
          uri.slice('store://'.length).replace('evaluation.json', 'report.html'),
        );
        expect(report.toString()).toContain('The worst mistakes');
      }

      const foreign = await workflow
        .execute(promote, {
          workflowId: 'promote-foreign',
          taskQueue: queues.ml,
          args: [{ model: 'few', version: 2, evaluation: first.evaluation }],
        })
        .catch((error: unknown) => error);
      expect(foreign).toMatchObject({ cause: { cause: { type: 'request-invalid' } } });
      expect((await registry.alias('few', championAlias))?.alias.version).toBe(1);

      const promoted = await workflow.execute(promote, {
        workflowId: 'promote-few',
        taskQueue: queues.ml,
        args: [{ model: 'few', version: 2 }],
      });
      expect(promoted).toMatchObject({ promoted: true, champion: 2 });

      const back = await workflow.execute(rollback, {
        workflowId: 'rollback-few',
        taskQueue: queues.ml,
        args: [{ model: 'few', version: 1, by: 'ada', reason: 'to see it done' }],
      });
      expect(back).toMatchObject({ champion: 1 });
    });
  });

  it('is served: the API answers with the champion', async () => {
    const engine = createEngine({ logger: quiet, threads: 1 });
    const models = followAlias({
      store,
      engine,
      registry,
      name: 'few',
      alias: championAlias,
      intervalMs: 60_000,
      logger: quiet,
    });
    try {
      await models.check();
      const app = createApp({ models, logger: quiet, limits: { maxUploadBytes: 1_000_000 } });
      const { dataset } = await readJson(
        store,
        (await registry.get('few', 1)).lineage.prepared,
        preparedIndexSchema,
      );
      const [picture] = await readManifest(store, dataset.manifest);
      const response = await request(app)
        .post('/get_prediction')
        .attach('image', await store.read(blobKey(picture?.sha256 ?? '')), 'animal.png');
      expect(response.status).toBe(200);
      expect(response.body).toMatchObject({ model: { name: 'few', version: 1 } });
      expect(Object.keys(response.body.probabilities)).toHaveLength(10);
      expect(response.body.prediction).toBe(Object.keys(response.body.probabilities)[0]);
    } finally {
      await models.close();
      await engine.close();
    }
  });

  it.each([
    ['a prepared set that is no ref', { prepared: 'latest' }],
    ['a number', 3],
  ])('refuses %s without retrying', async (what, input) => {
    await withWorkers(server, activities, async () => {
      const failed = await server.client.workflow
        .execute('train', { workflowId: `train ${what}`, taskQueue: queues.ml, args: [input] })
        .catch((error: unknown) => error);
      expect(failed).toMatchObject({ cause: { cause: { type: 'configuration-invalid' } } });
    });
  });

  it('takes null, which a client may send for no input, as none', async () => {
    expect((await activities.resolveTrain(JSON.parse('null'))).config).toMatchObject({ optimizer: 'adamw' });
  });

  it('refuses a wrong configuration before any work, with its place and a suggestion', async () => {
    await withWorkers(server, activities, async () => {
      const failed = await server.client.workflow
        .execute(pipeline, {
          workflowId: 'pipeline-wrong',
          taskQueue: queues.ml,
          args: [{ ...config, preproces: { size: 24 } }],
        })
        .catch((error: unknown) => error);
      expect(failed).toMatchObject({
        cause: { cause: { type: 'configuration-invalid', message: expect.stringContaining('"preprocess"') } },
      });
    });
  });
});
