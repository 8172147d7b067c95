import type { ManifestRef, PreparedRef } from '../../contracts/refs';
import type { EpochMetrics } from '../../contracts/schemas/documents';
import type { EpochLine, MetricsLine, StepLine } from '../../contracts/schemas/metrics';
import type { RunConfig } from '../../contracts/schemas/run';
import type { Store } from '../storage/store';
import { openMetricsParts } from './metrics/metrics-parts';
import { readMetrics } from './metrics/read-metrics';
import { createMlflowSink, type MlflowOptions } from './mlflow/mlflow-sink';
import { createReportSink } from './report/report-sink';
import type { Sink, WeightsHistogram } from './sink';
import { openEventFiles } from './tensorboard/event-files';
import { histogramOf } from './tensorboard/histogram';
import type { StepRecord, Tracker } from './tracker';
import { createWandbSink, type WandbOptions } from './wandb/wandb-sink';

export interface TrackerOptions {
  readonly store: Store;
  readonly run: string;
  readonly config: RunConfig;
  readonly prepared: PreparedRef;
  /** The dataset version that the prepared set is of; the report leads back to it. */
  readonly dataset?: { readonly name: string; readonly manifest: ManifestRef } | undefined;
  /**
   * The step of the checkpoint that the run goes on from, 0 for none. What was told of later steps is removed, as
   * they are done again.
   */
  readonly resumedFrom: number;
  /** Where the operator's settings name a server. */
  readonly mlflow?: MlflowOptions | undefined;
  /** Where an offline run for `wandb sync` is wanted. */
  readonly wandb?: WandbOptions | undefined;
  /** Hears what a person should know and stops nothing. */
  readonly onNotice: (message: string) => void;
  /** Milliseconds since 1970; the machine's clock by default. */
  readonly now?: () => number;
}

/**
 * A tracker of one run: metrics in parts, TensorBoard's event files, a report at the end, and MLflow where there is a
 * server. An MLflow server that is away or refuses is told of by `onNotice` and fails nothing; it may hold up `finish`
 * for a minute at most, and `flush` not at all.
 *
 * @throws Failure `configuration-invalid` where the server's address is none; the store's failures. Of the methods,
 *   `flush` and `finish` throw the store's failures alone, but for a sample picture that is not of the shape of the
 *   run's pictures: that is a defect.
 */
export async function createTracker(options: TrackerOptions): Promise<Tracker> {
  const { store, run, config, resumedFrom, onNotice, now = Date.now } = options;
  // In this order: what comes later reads what was written before.
  const sinks: Sink[] = [
    await openMetricsParts(store, run, resumedFrom),
    await openEventFiles({ store, run, config, resumedFrom, now }),
    createReportSink({ store, run, dataset: options.dataset, onNotice }),
    ...(options.wandb === undefined ? [] : [createWandbSink(store, run, options.wandb)]),
    ...(options.mlflow === undefined ? [] : [mlflowSink(options, options.mlflow, now())]),
  ];
  let lines: MetricsLine[] = [];
  let histograms: WeightsHistogram[] = [];
  let newestStep = resumedFrom;
  let flushedStep = resumedFrom;

  async function flush(step: number): Promise<void> {
    // Should a sink fail, all of it is told again at the next flush.
    for (const sink of sinks) await sink.flush({ step, lines, histograms });
    lines = [];
    histograms = [];
    flushedStep = step;
  }

  return {
    step(record) {
      newestStep = Math.max(newestStep, record.step);
      lines.push(stepLine(record));
    },
    epoch(metrics, weights) {
      const at = now();
      lines.push(epochLine(metrics, newestStep, at));
      for (const { name, values } of weights()) {
        const histogram = histogramOf(values);
        if (histogram) histograms.push({ name, step: newestStep, at, histogram });
      }
    },
    flush,
    async finish(result, sample) {
      const step = Math.max(newestStep, flushedStep);
      if (lines.length > 0) await flush(step);
      const finished = { result, sample, step, at: now(), lines: await readMetrics(store, run) };
      for (const sink of sinks) await sink.finish(finished);
    },
  };
}

function mlflowSink(options: TrackerOptions, mlflow: MlflowOptions, startedAt: number): Sink {
  const { store, run, config, prepared, dataset, onNotice } = options;
  const tags: Record<string, string> = {
    'drover.prepared': prepared.sha256,
    ...(dataset && { 'drover.dataset': dataset.name, 'drover.dataset_version': dataset.manifest.sha256 }),
  };
  return createMlflowSink({ store, mlflow, onNotice, run: { run, config, tags, startedAt } });
}

function stepLine(record: StepRecord): StepLine {
  const { step, epoch, loss, accuracy, lr, gradientNorm, examplesPerSecond, at } = record;
  const rates = { lr, gradient_norm: gradientNorm, pictures_per_second: examplesPerSecond };
  return { kind: 'step', step, epoch, loss, accuracy, ...rates, at };
}

function epochLine(metrics: EpochMetrics, step: number, at: number): EpochLine {
  const { epoch, train_loss, train_accuracy, validation_loss, validation_accuracy, seconds } = metrics;
  const figures = { train_loss, train_accuracy, validation_loss, validation_accuracy, seconds };
  return { kind: 'epoch', step, epoch, ...figures, at };
}
