import type { RequestHandler } from 'express';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Admission } from './admission';
import type { Prediction } from './prediction';
import type { Answer, Engine } from './engine/engine';
import type { ModelHolder } from './models/served-model';
import { routeOf } from './route-of';
import type { Stage } from './stages';

export interface Metrics {
  /** To which others add theirs. */
  readonly registry: Registry;
  /** Counts every request with its route and status, and how long it took. */
  readonly requests: RequestHandler;
  /** Answers `GET /metrics` in Prometheus' text format. */
  readonly page: RequestHandler;
  /** Notes what a stage took, in milliseconds. */
  took(stage: Stage, ms: number): void;
  /** Notes what was answered, and what it took. */
  answered(prediction: Prediction, stages: Answer['stages']): void;
}

/** Seconds: from what a small network takes to what nobody waits for. */
const durations = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

interface MetricsOptions {
  readonly models: ModelHolder;
  readonly admission: Admission;
  /** Whose threads answer; 0 of them without. */
  readonly engine?: Pick<Engine, 'queued' | 'threads' | 'lost'> | undefined;
  /** To which others have added theirs. */
  readonly registry?: Registry | undefined;
}

/** What this process tells Prometheus; each app has its own. */
export function createMetrics(options: MetricsOptions): Metrics {
  const { models, admission, engine, registry = new Registry() } = options;
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'drover_request_seconds',
    help: 'Requests by route and status, from their first byte to the last of the answer',
    labelNames: ['route', 'status'] as const,
    buckets: durations,
    registers,
  });
  const stages = new Histogram({
    name: 'drover_prediction_stage_seconds',
    help: 'What a prediction goes through: receive, queue, decode, infer',
    labelNames: ['stage'] as const,
    buckets: durations,
    registers,
  });
  const predictions = new Counter({
    name: 'drover_predictions_total',
    help: 'Answers by the class that was the likeliest, and by the version that gave them',
    labelNames: ['class', 'version'] as const,
    registers,
  });
  const confidence = new Histogram({
    name: 'drover_prediction_confidence',
    help: "The likeliest class's probability",
    labelNames: ['version'] as const,
    buckets: [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1],
    registers,
  });
  new Gauge({
    name: 'drover_model_info',
    help: '1 for the model that answers',
    labelNames: ['name', 'version', 'digest'] as const,
    registers,
    collect() {
      this.reset();
      const model = models.current();
      if (model) this.set({ name: model.name, version: String(model.version), digest: model.digest }, 1);
    },
  });
  new Gauge({
    name: 'drover_predictions_held',
    help: 'Pictures that are being received, decoded or answered',
    registers,
    collect() {
      this.set(admission.held);
    },
  });
  new Gauge({
    name: 'drover_inference_queue',
    help: 'Pictures that wait for an inference thread',
    registers,
    collect() {
      this.set(engine?.queued ?? 0);
    },
  });
  new Gauge({
    name: 'drover_inference_threads',
    help: 'Inference threads that are there',
    registers,
    collect() {
      this.set(engine?.threads ?? 0);
    },
  });
  new Gauge({
    name: 'drover_inference_threads_lost',
    help: 'Inference threads that ended by themselves and were replaced',
    registers,
    collect() {
      this.set(engine?.lost ?? 0);
    },
  });

  return {
    registry,
    requests(request, response, next) {
      const stop = requests.startTimer();
      response.on('close', () => {
        stop({
          route: routeOf(request) ?? 'none',
          status: response.writableFinished ? String(response.statusCode) : 'client gone',
        });
      });
      next();
    },
    async page(_request, response) {
      response.type(registry.contentType).send(await registry.metrics());
    },
    took(stage, ms) {
      stages.observe({ stage }, ms / 1000);
    },
    answered({ prediction, probabilities, model }, taken) {
      stages.observe({ stage: 'queue' }, taken.queue / 1000);
      stages.observe({ stage: 'decode' }, taken.decode / 1000);
      stages.observe({ stage: 'infer' }, taken.infer / 1000);
      const version = String(model.version);
      predictions.inc({ class: prediction, version });
      confidence.observe({ version }, probabilities[prediction] ?? 0);
    },
  };
}
