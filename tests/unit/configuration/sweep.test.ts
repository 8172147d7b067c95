import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { resolveConfiguration } from '../../../lib/configuration/resolve';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { sweepConfigSchema } from '../../../contracts/schemas/sweep';

const file = 'sweep.yaml';
const start = 'method: bayes\nparameters:\n  lr: {min: 0.1, max: 0.2}\n';
let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'drover-sweep-'));
});
afterAll(() => rm(project, { recursive: true, force: true }));

async function read(text: string, kind: 'sweep' | 'pipeline' = 'sweep') {
  await writeFile(join(project, file), text);
  const places = {
    project,
    store: createFolderStore(join(project, 'store')),
    defaultConfigs: resolve(__dirname, '../../../configs'),
  };
  if (kind === 'sweep') return resolveConfiguration(kind, file, places);
  const { config, warnings } = await resolveConfiguration(kind, file, places);
  return { config: config.sweep, warnings };
}

const refusal = (text: string, kind?: 'sweep' | 'pipeline'): Promise<string[]> =>
  read(text, kind).then(
    () => [],
    (error: unknown) => (error instanceof Error ? error.message : '').split('\n'),
  );

describe('early_terminate', () => {
  it.each<[string, object]>([
    ['{type: hyperband, min_iter: 3}', { type: 'hyperband', min_iter: 3, eta: 3, strict: true }],
    [
      '{type: hyperband, max_iter: 27, s: 2, eta: 2.5, strict: false}',
      { type: 'hyperband', max_iter: 27, s: 2, eta: 2.5, strict: false },
    ],
    ['{type: hyperband, max_iter: 27, s: 2, min_iter: 4}', { max_iter: 27, s: 2, min_iter: 4 }],
    [
      '{type: median}',
      { type: 'median', n_startup_trials: 5, n_warmup_steps: 0, interval_steps: 1, n_min_trials: 1 },
    ],
    ['{type: asha}', { type: 'asha', min_epochs: 1, eta: 3, cutoff: 'share' }],
    ['{type: asha, min_epochs: 2, max_epochs: 50, eta: 4}', { min_epochs: 2, max_epochs: 50, eta: 4 }],
  ])("is read with its rule's own defaults: %s", async (text, rule) => {
    const { config, warnings } = await read(`${start}early_terminate: ${text}\n`);
    expect(config.early_terminate).toMatchObject(rule);
    expect(warnings).toEqual([]);
    expect(sweepConfigSchema.parse(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  it.each([
    '{type: asha, grace_period: 2, max_t: 20, reduction_factor: 4}',
    '{type: asha, min_resource: 2, max_resource: 20, eta: 4}',
    '{type: asha, grace: 2, max_iter: 20, reduction_factor: 4}',
  ])("knows what Ray, Syne Tune and Optuna call ASHA's settings: %s", async (text) => {
    const { config } = await read(`${start}early_terminate: ${text}\n`);
    expect(config.early_terminate).toEqual({
      type: 'asha',
      min_epochs: 2,
      max_epochs: 20,
      eta: 4,
      cutoff: 'share',
    });
  });

  it.each<[string, string[]]>([
    ['hyperband', ['4:18 early_terminate: expected a map of keys, found text']],
    ['{}', ['4:18 early_terminate.type: missing; expected one of hyperband, median, asha']],
    ['{type: hyperbnd}', ['4:25 early_terminate.type: not one of the choices; did you mean "hyperband"?']],
    ['{type: [asha]}', ['4:25 early_terminate.type: expected one of hyperband, median, asha, found a list']],
    ['{type: hyperband}', ['4:18 early_terminate.min_iter: missing; expected min_iter, or max_iter with s']],
    [
      '{type: hyperband, max_iter: 27}',
      ['4:18 early_terminate.s: missing; expected how many bands there are below max_iter'],
    ],
    [
      '{type: hyperband, max_iter: 2, s: 1}',
      ['4:46 early_terminate.max_iter: expected at least eta, or there is no band below it'],
    ],
    [
      '{type: hyperband, min_iter: 1.5, eta: 1, strict: maybe}',
      [
        '4:46 early_terminate.min_iter: expected a whole number, found a number with decimals',
        '4:56 early_terminate.eta: expected more than 1',
        '4:67 early_terminate.strict: expected true or false, found text',
      ],
    ],
    [
      '{type: hyperband, min_iter: 2, stict: true}',
      ['4:49 early_terminate.stict: unknown key; did you mean "strict"?'],
    ],
    [
      '{type: median, eta: 3}',
      [
        '4:33 early_terminate.eta: unknown key; expected one of ' +
          'type, n_startup_trials, n_warmup_steps, interval_steps, n_min_trials',
      ],
    ],
    ['{type: median, interval_steps: 0}', ['4:49 early_terminate.interval_steps: expected at least 1']],
    ['{type: asha, reduction_factor: 1}', ['4:49 early_terminate.eta: expected at least 2']],
    [
      '{type: asha, grace_period: 1, min_epochs: 2}',
      ['4:31 early_terminate.grace_period: sets the same as min_epochs'],
    ],
    [
      '{type: asha, max_t: 9, max_resource: 9}',
      ['4:41 early_terminate.max_resource: sets the same as max_t'],
    ],
    [
      '{type: asha, min_epochs: 8, max_epochs: 8}',
      ['4:58 early_terminate.max_epochs: expected more than min_epochs'],
    ],
    [
      '{type: asha, min_epochs: 8}',
      [
        '4:43 early_terminate.min_epochs: expected less than max_epochs, which is train.epochs where it is left out: 8',
      ],
    ],
  ])('is refused by line, key and what was expected: %s', async (text, lines) => {
    const said = await refusal(`${start}early_terminate: ${text}\n`);
    expect(said.sort()).toEqual(lines.map((line) => `${file}:${line}`).sort());
  });

  it('of asha is refused beside epochs that are searched or given: it gives them out itself', async () => {
    const message =
      'asha gives out the epochs; take it out, and set early_terminate.max_epochs or train.epochs';
    const text = `${start}  epochs: {values: [5, 10]}\nenqueue: [{lr: 0.1}, {epochs: 3}]\nearly_terminate: {type: asha}\n`;
    expect((await refusal(text)).sort()).toEqual([
      `${file}:4:3 parameters.epochs: ${message}`,
      `${file}:5:23 enqueue.1.epochs: ${message}`,
    ]);
  });

  it.each([
    ['{type: hyperband, min_iter: 8}', 8],
    ['{type: hyperband, max_iter: 81, s: 2}', 9],
    ['{type: median, n_warmup_steps: 7}', 8],
  ])('that comes after the last epoch is warned of: %s', async (text, first) => {
    const { warnings } = await read(`${start}early_terminate: ${text}\n`);
    expect(warnings).toEqual([
      `${file}:4:18 early_terminate: stops no trial: it begins after epoch ${first}, and a trial has 8`,
    ]);
    const longer = await read(`${start}train: {epochs: 10}\nearly_terminate: ${text}\n`);
    expect(longer.warnings).toEqual([]);
    const searched = await read(`${start}  epochs: {values: [5, 10]}\nearly_terminate: ${text}\n`);
    expect(searched.warnings).toEqual([]);
  });

  it('may have an s beside min_iter, as W&B lets it, with a warning that it does nothing', async () => {
    const { config, warnings } = await read(
      `${start}early_terminate: {type: hyperband, min_iter: 2, s: 5}\n`,
    );
    expect(config.early_terminate).toMatchObject({ min_iter: 2, s: 5 });
    expect(warnings).toEqual([
      `${file}:4:49 early_terminate.s: goes with max_iter, and does nothing beside min_iter, whose bands have no end`,
    ]);
  });

  it('is read, and refused, inside a pipeline too', async () => {
    const pipeline = (rule: string) =>
      `source: {uri: sample://animals}\nsweep:\n  method: random\n  parameters: {lr: {value: 0.1}}\n  early_terminate: ${rule}\n`;
    const { config } = await read(pipeline('{type: asha, max_t: 20}'), 'pipeline');
    expect(config.early_terminate).toMatchObject({ type: 'asha', max_epochs: 20 });
    expect(await refusal(pipeline('{type: asha, max_t: 0.5}'), 'pipeline')).toEqual([
      `${file}:5:40 sweep.early_terminate.max_epochs: expected a whole number, found a number with decimals`,
    ]);
  });
});

describe('the metric', () => {
  it('takes impute as W&B does, and says where a failed trial counts otherwise here', async () => {
    const worst = await read(`${start}metric: {name: validation_loss, impute: worst, target: 0.2}\n`);
    expect(worst.config.metric).toEqual({
      name: 'validation_loss',
      goal: 'minimize',
      target: 0.2,
      impute: 'worst',
    });
    expect(worst.warnings).toEqual([]);
    const best = await read(`${start}metric: {impute: best}\n`);
    expect(best.warnings).toEqual([
      `${file}:4:10 metric.impute: a failed trial counts as the worst here, whatever this says`,
    ]);
    expect(await refusal(`${start}metric: {impute: wrost}\n`)).toEqual([
      `${file}:4:18 metric.impute: not one of the choices; did you mean "worst"?`,
    ]);
  });
});

describe('trials that are given', () => {
  it('are tried on a run before any work', async () => {
    const { config } = await read(`${start}enqueue: [{lr: 0.1}, {learning_rate: 0.2, network.dense: 64}]\n`);
    expect(config.enqueue).toEqual([{ lr: 0.1 }, { learning_rate: 0.2, 'network.dense': 64 }]);
    const other = await read(`${start}enqueue: [{network.name: resnet, network.blocks: 3}]\n`);
    expect(other.config.enqueue).toEqual([{ 'network.name': 'resnet', 'network.blocks': 3 }]);
    const wrong = 'enqueue:\n  - {lr: x}\n  - {lr: 0.1, learning_rate: 0.1}\n  - {netwrok.dense: 1}\n  - 3\n';
    expect((await refusal(`${start}${wrong}`)).sort()).toEqual([
      `${file}:5:10 enqueue.0.lr: expected a number, found text`,
      `${file}:6:15 enqueue.1.learning_rate: sets the same as lr`,
      `${file}:7:6 enqueue.2.netwrok.dense: no such setting of a run; did you mean "network.dense"?`,
      `${file}:8:5 enqueue.3: expected a map of keys, found a whole number`,
    ]);
  });
});

describe('warm_start', () => {
  it('names sweeps, once each', async () => {
    const { config, warnings } = await read(`${start}warm_start: [sweep-monday, pipeline-animals/sweep]\n`);
    expect(config.warm_start).toEqual(['sweep-monday', 'pipeline-animals/sweep']);
    expect(warnings).toEqual([]);
    expect(await refusal(`${start}warm_start: [a, a]\n`)).toEqual([
      `${file}:4:13 warm_start: names a sweep twice`,
    ]);
    expect(await refusal(`${start}warm_start: a\n`)).toEqual([
      `${file}:4:13 warm_start: expected a list, found text`,
    ]);
  });

  it.each(['random', 'grid'])('of a %s search is warned of: it learns nothing', async (method) => {
    const { warnings } = await read(
      `method: ${method}\nparameters: {lr: {values: [0.1]}}\nwarm_start: [a]\n`,
    );
    expect(warnings).toEqual([
      `${file}:3:1 warm_start: ${method} learns nothing from other trials; bayes and tpe do`,
    ]);
  });
});

describe("what a sweep's file leaves out", () => {
  it.each(['random', 'grid', 'bayes', 'tpe'])(
    'is filled in for %s, but for the cap, which is for the sweep to say',
    async (method) => {
      const { config } = await read(`method: ${method}\nparameters: {lr: {values: [0.1]}}\n`);
      expect(config).toMatchObject({
        method,
        seed: 1,
        parallelism: 'auto',
        metric: { name: 'validation_loss', goal: 'minimize' },
      });
      expect(config).not.toHaveProperty('run_cap');
      expect(config).not.toHaveProperty('failures');
    },
  );

  it.each([
    ['failures: -1', '4:11 failures: expected at least 0'],
    ['failure: 1', '4:1 failure: unknown key; did you mean "failures"?'],
    ['warmstart: [a]', '4:1 warmstart: unknown key; did you mean "warm_start"?'],
    [
      'early_termination: {type: asha}',
      '4:1 early_termination: unknown key; did you mean "early_terminate"?',
    ],
  ])('and what it has wrong is said: %s', async (text, line) => {
    expect(await refusal(`${start}${text}\n`)).toEqual([`${file}:${line}`]);
  });

  it("may be W&B's keys that mean nothing here, each with a warning", async () => {
    const keys = [
      'controller: {type: local}',
      'job: j',
      'image_uri: i',
      'apiVersion: v',
      'kind: sweep',
      'command: [a]',
    ];
    const { warnings } = await read(`${start}${keys.join('\n')}\n`);
    expect(warnings).toHaveLength(keys.length);
    for (const warning of warnings)
      expect(warning).toContain('Drover has no use for it, and goes on without');
  });
});
