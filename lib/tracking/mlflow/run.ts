import { z } from 'zod';
import type { MetricsLine } from '../../../contracts/schemas/metrics';
import type { RunConfig } from '../../../contracts/schemas/run';
import { figuresOf, type Figure } from '../series';
import { MlflowRefused, type MlflowClient } from './client';
import { parametersOf } from './parameters';

/** What MLflow takes in one batch: 1,000 items, of which 100 parameters and 100 tags. */
const mostLines = 150;
const mostParameters = 100;

/** How much of a run MLflow has: everything up to this step and this epoch. */
export interface Position {
  readonly step: number;
  readonly epoch: number;
}

const tags = { run: 'drover.run', step: 'drover.step', epoch: 'drover.epoch' } as const;

const nothing = z.unknown();
const experimentSchema = z.object({ experiment: z.object({ experiment_id: z.string() }) });
const createdSchema = z.object({ experiment_id: z.string() });
const infoSchema = z.object({
  info: z.object({ run_id: z.string(), artifact_uri: z.string().default('') }),
  data: z
    .object({ tags: z.array(z.object({ key: z.string(), value: z.string() })).default([]) })
    .prefault({}),
});
const foundSchema = z.object({ runs: z.array(infoSchema).default([]) });
const startedSchema = z.object({ run: infoSchema });

export interface RunToFind {
  readonly run: string;
  readonly experiment: string;
  readonly config: RunConfig;
  /** Beside the run's own: what it was trained on. */
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** One MLflow run, for as long as the server answers. Every method throws as {@link MlflowClient}. */
export class MlflowRun {
  private constructor(
    private readonly client: MlflowClient,
    private readonly id: string,
    private readonly artifactUri: string,
    /** What was sent, by this process or an earlier one. */
    public position: Position,
  ) {}

  /** The run of this name that there is, or a new one: a run that goes on, goes on there too. */
  static async findOrCreate(
    client: MlflowClient,
    wanted: RunToFind,
    signal: AbortSignal,
  ): Promise<MlflowRun> {
    const experiment = await findOrCreateExperiment(client, wanted.experiment, signal);
    const { runs } = await client.post(
      'runs/search',
      { experiment_ids: [experiment], filter: `tags.\`${tags.run}\` = '${wanted.run}'`, max_results: 1 },
      { answer: foundSchema, signal },
    );
    const found = runs[0] ?? (await create(client, experiment, wanted, signal));
    const tagOf = (key: string) => found.data.tags.find((tag) => tag.key === key)?.value;
    const position = { step: numberOf(tagOf(tags.step)), epoch: numberOf(tagOf(tags.epoch)) };
    const run = new MlflowRun(client, found.info.run_id, found.info.artifact_uri, position);
    const params = parametersOf(wanted.config);
    for (let from = 0; from < params.length; from += mostParameters) {
      await run.#batch({ params: params.slice(from, from + mostParameters) }, signal);
    }
    if (runs.length > 0) await run.#update({ status: 'RUNNING' }, signal);
    return run;
  }

  /** Sends the figures that were not sent yet, and has MLflow remember how far they go. */
  async log(lines: readonly MetricsLine[], signal: AbortSignal): Promise<void> {
    const { step, epoch } = this.position;
    const unsent = lines.filter((line) => (line.kind === 'step' ? line.step > step : line.epoch > epoch));
    for (let from = 0; from < unsent.length; from += mostLines) {
      const sent = unsent.slice(from, from + mostLines);
      const position = sent.reduce(furthest, this.position);
      const metrics = sent.flatMap((line) => figuresOf(line).map((figure) => metric(figure, line)));
      const positions = { [tags.step]: String(position.step), [tags.epoch]: String(position.epoch) };
      await this.#batch({ metrics: metrics.filter(isFinite), tags: asTags(positions) }, signal);
      this.position = position;
    }
  }

  /** Figures of the run as a whole, so that runs can be sorted by them. */
  async logBest(
    figures: readonly Figure[],
    line: Pick<MetricsLine, 'step' | 'at'>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#batch({ metrics: figures.map((figure) => metric(figure, line)).filter(isFinite) }, signal);
  }

  async setTags(given: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
    for (const { key, value } of asTags(given)) {
      await this.#post('runs/set-tag', { run_id: this.id, key, value }, signal);
    }
  }

  /** @returns false where the server leaves artifacts to its clients: then there is nowhere to send them */
  async upload(name: string, bytes: Uint8Array, signal: AbortSignal): Promise<boolean> {
    const folder = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.+)$/.exec(this.artifactUri)?.[1];
    if (folder === undefined) return false;
    await this.client.upload(`${folder}/${name}`, bytes, signal);
    return true;
  }

  async end(at: number, signal: AbortSignal): Promise<void> {
    await this.#update({ status: 'FINISHED', end_time: at }, signal);
  }

  async #update(change: object, signal: AbortSignal): Promise<void> {
    await this.#post('runs/update', { run_id: this.id, ...change }, signal);
  }

  async #batch(batch: object, signal: AbortSignal): Promise<void> {
    await this.#post('runs/log-batch', { run_id: this.id, ...batch }, signal);
  }

  async #post(path: string, body: object, signal: AbortSignal): Promise<void> {
    await this.client.post(path, body, { answer: nothing, signal });
  }
}

async function findOrCreateExperiment(
  client: MlflowClient,
  name: string,
  signal: AbortSignal,
): Promise<string> {
  const find = async () => {
    const query = { experiment_name: name };
    return client.get('experiments/get-by-name', query, { answer: experimentSchema, signal });
  };
  try {
    return (await find()).experiment.experiment_id;
  } catch (error) {
    if (!(error instanceof MlflowRefused) || error.code !== 'RESOURCE_DOES_NOT_EXIST') throw error;
  }
  try {
    // Its page then begins with runs and their curves.
    const kind = asTags({ 'mlflow.experimentKind': 'custom_model_development' });
    const created = { answer: createdSchema, signal };
    return (await client.post('experiments/create', { name, tags: kind }, created)).experiment_id;
  } catch (error) {
    // Another run was faster.
    if (!(error instanceof MlflowRefused) || error.code !== 'RESOURCE_ALREADY_EXISTS') throw error;
    return (await find()).experiment.experiment_id;
  }
}

async function create(
  client: MlflowClient,
  experiment: string,
  wanted: RunToFind,
  signal: AbortSignal,
): Promise<z.infer<typeof infoSchema>> {
  const { run } = await client.post(
    'runs/create',
    {
      experiment_id: experiment,
      run_name: wanted.run,
      start_time: wanted.startedAt,
      tags: asTags({ ...wanted.tags, [tags.run]: wanted.run, 'mlflow.source.name': 'drover' }),
    },
    // Were it tried again after an answer that got lost, there would be two.
    { answer: startedSchema, signal, once: true },
  );
  return run;
}

function furthest(position: Position, line: MetricsLine): Position {
  return line.kind === 'step' ? { ...position, step: line.step } : { ...position, epoch: line.epoch };
}

function metric({ name, value }: Figure, { step, at }: Pick<MetricsLine, 'step' | 'at'>) {
  return { key: name, value, step, timestamp: Math.round(at) };
}

function isFinite({ value }: { readonly value: number }): boolean {
  return Number.isFinite(value);
}

function asTags(given: Readonly<Record<string, string>>): { key: string; value: string }[] {
  return Object.entries(given).map(([key, value]) => ({ key, value }));
}

function numberOf(text: string | undefined): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : 0;
}
