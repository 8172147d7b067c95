/** Temporal task queues: workflows and short I/O; download, preprocessing, evaluation; training. */
export const queues = { ml: 'ml', cpu: 'cpu', gpu: 'gpu' } as const;

export type Queue = (typeof queues)[keyof typeof queues];

/** Workflow types, as given to `temporal workflow start --type`. */
export const workflowTypes = [
  'pipeline',
  'sweep',
  'train',
  'ingest',
  'preprocess',
  'evaluate',
  'forms',
  'promote',
  'rollback',
  'deploy',
  'watchData',
  'gpuWorkers',
  'monitor',
] as const;

export type WorkflowType = (typeof workflowTypes)[number];

/** Custom search attributes, registered on the namespace before the first workflow. */
export const searchAttributes = {
  DroverDataset: 'KEYWORD',
  DroverModel: 'KEYWORD',
  DroverSweep: 'KEYWORD',
  DroverRun: 'KEYWORD',
  /** Of a promotion that a person was asked about: see `promotionMessages`. */
  DroverApproval: 'KEYWORD',
  DroverMetric: 'DOUBLE',
} as const;

/** Workflow ids are built here and nowhere else. */
export const workflowIds = {
  pipeline: (name: string): string => `pipeline-${name}`,
  /** Of the pipeline that a dataset version starts: whoever sees it first, there is one. */
  pipelineOf: (name: string, version: string): string => `pipeline-${name}-${version.slice(0, 16)}`,
  sweep: (pipelineId: string): string => `${pipelineId}/sweep`,
  trial: (sweepId: string, trial: number): string => `${sweepId}/trial-${trial}`,
  /** Of a version: asked for twice at once, it is judged once. */
  promotion: (model: string, version: number): string => `promote-${model}-v${version}`,
  /** Of a model: there is one at a time. */
  deployment: (model: string): string => `deploy-${model}`,
  /** A memoised stage: its id is its memo key, so that two pipelines share one computation. */
  stage: (stage: string, key: string): string => `${stage}-${key.slice(0, 16)}`,
} as const;

/** The Temporal Schedule that looks at a dataset's source. */
export const watchId = (name: string): string => `watch-${name}`;

/** The alias that the API follows. */
export const championAlias = 'champion';

/** The alias that names the version which is tried beside it. */
export const challengerAlias = 'challenger';
