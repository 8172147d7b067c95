import type { Evaluation } from '../../../contracts/schemas/evaluation';
import {
  classMetrics,
  evaluationMetrics,
  type ClassMetric,
  type EvaluationMetric,
} from '../../../contracts/schemas/evaluation';
import type { Gate, GateOutcome } from '../../../contracts/schemas/promotion';
import { classMetricOf, metricOf } from '../../evaluation/metric-of';
import { shown } from './numbers';

/** What floors and ceilings are laid on. */
export interface Candidate {
  readonly evaluation: Evaluation;
  /** The largest difference between the served form's probabilities and the trained one's. */
  readonly parity: number;
  /** Since the dataset version that it was trained on was made; null where nobody knows. */
  readonly dataAgeDays: number | null;
}

/** A figure with what it is of, or why there is none. */
interface Found {
  readonly of: string;
  readonly value: number | null;
  /** How sure it is, for people. */
  readonly aside?: string;
}

export type Finding = Omit<GateOutcome, 'onUndecided'>;

/** A floor or a ceiling on one figure; of several (`class: every`, a kind of slices), the worst counts. */
export function judgeLimit(gate: Gate, side: 'min' | 'max', limit: number, candidate: Candidate): Finding {
  const name = `${subject(gate)} ${side === 'min' ? '≥' : '≤'} ${shown(limit)}`;
  const found = figures(gate, candidate);
  const missing = found.find(({ value }) => value === null);
  const worse = (a: number, b: number): boolean => (side === 'min' ? a < b : a > b);
  const worst = found.reduce<Found | undefined>(
    (so, one) =>
      one.value !== null && (so === undefined || so.value === null || worse(one.value, so.value)) ? one : so,
    undefined,
  );
  const value = worst?.value ?? null;
  if (worst !== undefined && value !== null && worse(value, limit)) {
    const than = side === 'min' ? 'below' : 'above';
    const aside = worst.aside === undefined ? '' : ` (${worst.aside})`;
    const why = `${worst.of} is ${shown(value)}${aside}, ${than} ${shown(limit)}`;
    return { gate: name, verdict: 'fail', value, limit, why };
  }
  if (value === null || missing !== undefined) {
    const why = missing === undefined ? `there is no ${subject(gate)}` : `${missing.of} was not measured`;
    return { gate: name, verdict: 'undecided', value, limit, why };
  }
  const aside = worst?.aside === undefined ? '' : ` (${worst.aside})`;
  return { gate: name, verdict: 'pass', value, limit, why: `${worst?.of ?? ''} is ${shown(value)}${aside}` };
}

/** `recall of every class`, `accuracy on brightness dark`. */
export function subject({ metric, class: ofClass, slice }: Gate): string {
  if (ofClass !== undefined) return `${metric} of ${ofClass === 'every' ? 'every class' : ofClass}`;
  if (slice !== undefined) {
    return slice.name === undefined
      ? `${metric} on every part by ${slice.by}`
      : `${metric} on ${slice.by} ${slice.name}`;
  }
  return metric;
}

function figures(gate: Gate, { evaluation, parity, dataAgeDays }: Candidate): Found[] {
  const { metric, class: ofClass, slice } = gate;
  if (slice !== undefined) {
    return evaluation.slices
      .filter((one) => one.by === slice.by && (slice.name === undefined || one.name === slice.name))
      .map((one) => ({
        of: `the accuracy on ${one.by} ${one.name}`,
        value: one.accuracy,
        aside: `95 % interval ${shown(one.interval[0])} to ${shown(one.interval[1])} of ${one.pictures} pictures`,
      }));
  }
  if (ofClass !== undefined && isClassMetric(metric)) {
    const names = ofClass === 'every' ? evaluation.perClass.map((row) => row.class) : [ofClass];
    return names.flatMap((name) => {
      const value = classMetricOf(evaluation, name, metric);
      const pictures = evaluation.perClass.find((row) => row.class === name)?.pictures ?? 0;
      return value === undefined
        ? []
        : [{ of: `the ${metric} of ${name}`, value, aside: `${pictures} pictures` }];
    });
  }
  if (metric === 'parity')
    return [{ of: 'the difference between the served and the trained form', value: parity }];
  if (metric === 'data_age_days') return [{ of: 'the age of the data in days', value: dataAgeDays }];
  if (!isEvaluationMetric(metric)) return [];
  const interval = metric === 'accuracy' ? evaluation.accuracyInterval : evaluation.intervals[metric];
  return [
    {
      of: metric,
      value: metricOf(evaluation, metric),
      ...(interval && { aside: `95 % interval ${shown(interval[0])} to ${shown(interval[1])}` }),
    },
  ];
}

function isClassMetric(name: string): name is ClassMetric {
  return classMetrics.some((one) => one === name);
}

function isEvaluationMetric(name: string): name is EvaluationMetric {
  return evaluationMetrics.some((one) => one === name);
}
