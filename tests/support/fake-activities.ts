import type { Activities } from '../../activities';
import { driftSettingsSchema } from '../../contracts/schemas/drift';
import { watchSchema } from '../../contracts/schemas/deployment';
import { datasetConfigSchema, pipelineConfigSchema } from '../../contracts/schemas/pipeline';
import { promotionSchema } from '../../contracts/schemas/promotion';
import { exportSchema } from '../../contracts/schemas/forms';
import { runConfigSchema } from '../../contracts/schemas/run';
import { sweepConfigSchema } from '../../contracts/schemas/sweep';
import type { TrialRecord } from '../../contracts/schemas/sweep-record';
import { preprocessingSchema } from '../../contracts/schemas/preprocessing';
import type { Ref } from '../../contracts/refs';
import type { TrainedSoFar, TrainResult } from '../../contracts/results';

/** A ref to nothing: the workflows under test carry refs and never read them. */
export function ref<Kind extends string>(name: string): Ref<Kind> {
  return { uri: `store://${name}`, sha256: '0'.repeat(64) };
}

export const sweepConfig = (changes: Record<string, unknown> = {}) =>
  sweepConfigSchema.parse({
    method: 'random',
    parameters: { lr: { values: [0.1] } },
    run_cap: 4,
    ...changes,
  });

/** Of a run that was trained to its end. */
export function wholeRun(run: TrainResult | TrainedSoFar): TrainResult {
  if (!run.result) throw new Error('the run has stopped on its way');
  return run;
}

/**
 * Activities that answer at once with plausible values, for tests of the workflows' own logic: order,
 * waiting, retries, decisions. A test replaces those that it is about.
 */
export function fakeActivities(changes: Partial<Activities> = {}): Activities {
  const trials = new Map<string, TrialRecord[]>();
  const run = (lr: number) => ({
    run: `run-${lr}`,
    result: ref<'run'>(`runs/${lr}`),
    metrics: { validation_loss: lr, validation_accuracy: 1 - lr },
    epochs: 1,
  });
  const dataset = {
    manifest: ref<'manifest'>('manifest'),
    pictures: 30,
    classes: ['cat', 'dog'],
    perSplit: { train: 20, validation: 5, test: 5 },
    rejected: 0,
  };
  const preprocessed = { prepared: ref<'prepared'>('prepared'), pictures: 30, rejected: 0 };
  const evaluated = {
    evaluation: ref<'evaluation'>('evaluation'),
    accuracy: 0.8,
    interval: [0.7, 0.9] as const,
    baseline: 0.5,
    pictures: 5,
    details: '**Accuracy 0.8**',
  };
  const resolved = { ref: ref<'config'>('config'), warnings: [] };
  return {
    resolvePipeline: async () => ({
      ...resolved,
      config: pipelineConfigSchema.parse({ sweep: sweepConfig() }),
    }),
    resolveSweep: async () => ({ ...resolved, config: sweepConfig(), prepared: preprocessed.prepared }),
    resolveTrain: async (input) => ({
      ...resolved,
      config: runConfigSchema.parse(typeof input === 'object' && 'config' in input ? input.config : {}),
      prepared: preprocessed.prepared,
    }),
    checkTrial: async ({ parameters }) => Number(parameters['epochs'] ?? 1),
    suggestTrial: async ({ trial }) => ({
      parameters: { lr: trial / 100 },
      config: runConfigSchema.parse({ lr: trial / 100 }),
    }),
    planIngest: async () => ({
      key: 'a'.repeat(64),
      input: datasetConfigSchema.parse({ name: 'animals', source: { uri: 'sample://animals' } }),
      inParts: true,
    }),
    lookAtSource: async () => ({
      key: 'a'.repeat(64),
      input: datasetConfigSchema.parse({ name: 'animals', source: { uri: 'sample://animals' } }),
    }),
    collectSource: async () => ({
      files: ref<'files'>('files'),
      chunks: [
        { chunk: ref<'chunk'>('chunk-1'), count: 20 },
        { chunk: ref<'chunk'>('chunk-2'), count: 10 },
      ],
      source: { uri: 'sample://animals', labelled: 'by-folder', licences: '' },
    }),
    examineChunk: async () => undefined,
    finishIngest: async () => dataset,
    abandonWork: async () => undefined,
    ingestSource: async () => dataset,
    planWatch: async () => ({ settle: 0 }),
    claimVersion: async () => true,
    planPreprocess: async () => ({
      key: 'b'.repeat(64),
      input: { name: 'animals', manifest: dataset.manifest, preprocess: preprocessingSchema.parse({}) },
      pictures: 30,
      chunks: [
        { chunk: ref<'chunk'>('chunk-3'), count: 20 },
        { chunk: ref<'chunk'>('chunk-4'), count: 10 },
      ],
    }),
    prepareChunk: async () => undefined,
    prepareShard: async ({ shard }) => ref<'part'>(`part-${shard.first}`),
    finishPreprocess: async () => preprocessed,
    latestPrepared: async () => preprocessed.prepared,
    rememberPrepared: async () => undefined,
    gpuSlots: async () => 2,
    recallTrials: async ({ sweep, first }) => trials.get(`${sweep} ${first}`) ?? [],
    keepTrials: async ({ sweep, first, trials: piece }) => void trials.set(`${sweep} ${first}`, [...piece]),
    keepSweep: async () => undefined,
    pinBackbone: async (config) => config,
    recallRun: async () => undefined,
    trainRun: async ({ config }) => run(config.lr),
    planEvaluation: async () => ({
      subject: 'animals version 2',
      robustness: false,
      dataset: 'animals',
      manifest: dataset.manifest,
      model: {
        classes: ['cat', 'dog'],
        preprocessing: preprocessingSchema.parse({}),
        layers: ref<'layers'>('layers'),
        weights: ref<'weights'>('weights'),
        onnx: ref<'onnx'>('onnx'),
        parity: { maxDifference: 0, pictures: 1 },
      },
    }),
    planForms: async () => ({ run: ref<'run'>('run'), rules: exportSchema.parse({}) }),
    makeForms: async ({ rules }) => {
      const chosen = rules.forms.includes('int8') ? 'int8' : 'float32';
      return { forms: ref<'forms'>('forms'), chosen, note: `${chosen}: because`, details: `**${chosen}**` };
    },
    evaluateModel: async () => evaluated,
    registerRun: async () => ({ version: 2 }),
    planPromotion: async () => ({
      model: 'animals',
      version: 2,
      by: 'test',
      dryRun: false,
      rules: promotionSchema.parse({}),
    }),
    champion: async () => undefined,
    judgeAndPromote: async ({ version }) => ({
      promoted: true,
      champion: version,
      reason: 'first of its name',
    }),
    judgeVersion: async () => ({
      verdict: 'pass',
      gates: [
        {
          gate: 'accuracy ≥ 0.5',
          verdict: 'pass',
          value: 0.8,
          limit: 0.5,
          why: 'accuracy is 0.8',
          onUndecided: 'refuse',
        },
      ],
      reason: 'first of its name',
      gateSet: { manifest: dataset.manifest, split: 'test', pictures: 5, uses: 1 },
    }),
    movePromoted: async () => undefined,
    keepPromotion: async () => undefined,
    planRollback: async () => ({ model: 'animals', by: 'test', reason: 'rolled back', expected: '1' }),
    rollbackChampion: async () => ({ promoted: true, champion: 1, reason: 'rolled back' }),
    webhooksFor: async () => [],
    deliverWebhook: async () => 'delivered',
    giveUpWebhook: async () => undefined,
    planDeployment: async (_given, of) => {
      const step = (name: string) => ({ step: name, plan: `${name} it`, state: 'waiting' as const });
      return {
        job: { model: 'animals', version: 2, target: 'local', state: {}, pictures: 1 },
        dryRun: false,
        watch: watchSchema.parse({ time: '1s', longest: '2s', every: '1s' }),
        shares: [10, 100],
        record: {
          ...{ id: of.id, workflow: of.workflow, startedAt: of.startedAt },
          ...{ model: 'animals', version: 2, digest: '0'.repeat(64), target: 'local' },
          ...{ place: 'here', before: 'version 1', state: 'running', by: 'test' },
          steps: ['prepare', 'smoke', '10 %', '100 %', 'settle'].map(step),
        },
      };
    },
    prepareDeployment: async () => 'ready',
    smokeDeployment: async () => 'tried',
    shiftDeployment: async (_job, { to }) => `given ${to} %`,
    watchDeployment: async () => ({
      verdict: 'pass',
      why: 'nothing wrong',
      fresh: { requests: 10, errors: 0, p50Ms: 1, p95Ms: 2 },
    }),
    settleDeployment: async () => 'settled',
    undoDeployment: async () => 'version 1 answers',
    keepDeployment: async () => undefined,
    planLook: async (_given, of) => ({
      ...of,
      ...{ model: 'animals', version: undefined, dryRun: false, policy: 'alert' },
      ...{ since: of.at, until: of.at, most: 1000, reference: 1000, pictures: 24, keep: 100 },
      ...{ drift: driftSettingsSchema.parse({}), approval: { deadline: '3d', reminder: '1d' } },
      cooldown: '7d',
      retrain: { overrides: [] },
    }),
    cooldownOf: async () => undefined,
    lookForDrift: async () => {
      throw new Error('a test of drift says itself what is found');
    },
    keepFollowUp: async () => undefined,
    addReviewedLabels: async () => undefined,
    startGpuWorkersAgain: async () => undefined,
    lookAfterGpuWorkers: async () => ({
      ...{ backlog: 0, live: 0, started: [], stopped: [], said: [], details: '' },
      spent: { today: 0, ever: 0, currency: 'USD' },
    }),
    ...changes,
  };
}
