import type { ClassMetric, Evaluation, EvaluationMetric } from '../../contracts/schemas/evaluation';

/**
 * One of an evaluation's figures by name.
 *
 * @returns null where it is undefined for these pictures, or was not measured
 */
export function metricOf(evaluation: Evaluation, name: EvaluationMetric): number | null {
  const { macro, weighted, calibration, latencyMs, topK } = evaluation;
  const figures: Readonly<Record<EvaluationMetric, number | null | undefined>> = {
    accuracy: evaluation.accuracy,
    loss: evaluation.loss,
    brier: evaluation.brier,
    top_2: topK['2'],
    top_3: topK['3'],
    top_5: topK['5'],
    macro_precision: macro.precision,
    macro_recall: macro.recall,
    macro_f1: macro.f1,
    weighted_precision: weighted.precision,
    weighted_recall: weighted.recall,
    weighted_f1: weighted.f1,
    roc_auc: evaluation.rocAuc,
    ece: calibration?.ece,
    ece_after: calibration?.eceAfter,
    nll_after: calibration?.nllAfter,
    latency_ms: latencyMs?.median,
    latency_p95_ms: latencyMs?.p95,
    bytes: evaluation.bytes,
  };
  return figures[name] ?? null;
}

/**
 * A class's own figure.
 *
 * @returns null as {@link metricOf}; undefined where there is no such class
 */
export function classMetricOf(
  { perClass }: Evaluation,
  className: string,
  name: ClassMetric,
): number | null | undefined {
  const found = perClass.find((row) => row.class === className);
  if (!found) return undefined;
  return { precision: found.precision, recall: found.recall, f1: found.f1, roc_auc: found.rocAuc }[name];
}
