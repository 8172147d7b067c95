import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ChallengerListener } from './challenger';
import type { ModelHolder } from './served-model';

const seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

/** Tells Prometheus how a challenger does beside the champion. */
export function createChallengerMetrics(registry: Registry, challenger: ModelHolder): ChallengerListener {
  const registers = [registry];
  const took = new Histogram({
    name: 'drover_role_answer_seconds',
    help: 'Decoding and classifying of a picture, by the part that the model plays: champion, challenger',
    labelNames: ['role'] as const,
    buckets: seconds,
    registers,
  });
  const comparisons = new Counter({
    name: 'drover_challenger_comparisons_total',
    help: 'Pictures that both answered, and whether they held the same class for the likeliest',
    labelNames: ['agree'] as const,
    registers,
  });
  const differences = new Histogram({
    name: 'drover_challenger_difference',
    help: "The mean absolute difference of champion's and challenger's probabilities",
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5],
    registers,
  });
  const dropped = new Counter({
    name: 'drover_challenger_dropped_total',
    help: 'Pictures that the challenger was not asked about, as there was other work',
    registers,
  });
  new Gauge({
    name: 'drover_challenger_info',
    help: '1 for the model that is the challenger',
    labelNames: ['name', 'version', 'digest'] as const,
    registers,
    collect() {
      this.reset();
      const model = challenger.current();
      if (model) this.set({ name: model.name, version: String(model.version), digest: model.digest }, 1);
    },
  });
  return {
    answered: (role, { stages }) => took.observe({ role }, (stages.decode + stages.infer) / 1000),
    compared(agree, difference) {
      comparisons.inc({ agree: String(agree) });
      differences.observe(difference);
    },
    dropped: () => dropped.inc(),
  };
}
