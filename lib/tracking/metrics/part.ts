import { partLinesSchema, type MetricsLine } from '../../../contracts/schemas/metrics';
import { decodeLines, encodeLines } from '../../storage/json-lines';

/** What a run told between two flushes. */
export interface MetricsPart {
  /** The step of the flush before, or of the checkpoint that the run went on from. */
  readonly from: number;
  /** The checkpoint's step, which names the part. */
  readonly to: number;
  readonly lines: readonly MetricsLine[];
}

/** Digits of a step in a name, so that names sort as their steps do. */
const digits = 12;

export function stepName(step: number): string {
  return String(step).padStart(digits, '0');
}

export function metricsFolder(run: string): string {
  return `runs/${run}/metrics/`;
}

export function partKey(run: string, step: number): string {
  return `${metricsFolder(run)}${stepName(step)}.jsonl`;
}

/** The step of a part by its key, or undefined where the key is of something else. */
export function partStep(key: string): number | undefined {
  const step = /\/(\d{12,})\.jsonl$/.exec(key)?.[1];
  return step === undefined ? undefined : Number(step);
}

export function encodePart({ from, to, lines }: MetricsPart): Buffer {
  return encodeMetrics([{ kind: 'part', from, to }, ...lines]);
}

/** Lines as JSON; what is no number becomes null. */
export function encodeMetrics(lines: readonly object[]): Buffer {
  return encodeLines(
    lines.map((line) =>
      Object.fromEntries(
        Object.entries(line).map(([name, value]: [string, unknown]) => [
          name,
          typeof value === 'number' && !Number.isFinite(value) ? null : value,
        ]),
      ),
    ),
  );
}

/** @throws Error where the bytes are no part that this version of Drover writes */
export function decodePart(bytes: Buffer, key: string): MetricsPart {
  const [head, ...rest] = decodeLines(bytes, partLinesSchema, key);
  const lines = rest.filter((line) => line.kind !== 'part');
  if (head?.kind !== 'part' || lines.length !== rest.length) {
    throw new Error(`${key} is no part of a run's metrics: its first line says nothing of where it begins.`);
  }
  return { from: head.from, to: head.to, lines };
}

/** Lines by what they are about, in order: of two about the same the later stays, in the place of the first. */
export function mergeLines(lines: readonly MetricsLine[]): MetricsLine[] {
  return [...new Map(lines.map((line) => [lineKey(line), line])).values()];
}

export function lineKey(line: MetricsLine): string {
  return line.kind === 'step' ? `step ${line.step}` : `epoch ${line.epoch}`;
}
