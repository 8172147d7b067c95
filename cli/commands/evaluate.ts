import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { EvaluateInput } from '../../contracts/inputs';
import { refSchema } from '../../contracts/schemas/documents';
import { evaluationMetrics, evaluationSchema, type Evaluation } from '../../contracts/schemas/evaluation';
import { metricOf } from '../../lib/evaluation/metric-of';
import { readJson } from '../../lib/storage/refs';
import { browse } from '../browse';
import type { Console } from '../display/console';
import { plainText } from '../display/dataset';
import { bytes, percent } from '../display/format';
import { table } from '../display/table';
import type { Outside } from '../settings';
import { runWorkflow } from '../temporal/run-workflow';
import { openData, wishedVersion as wishedDataset } from './data/wished-version';
import { placeOf } from './data/place';
import { openModels, wishedVersion, type JsonFlags } from './models/place';

export interface EvaluateFlags extends JsonFlags {
  readonly dataset?: string;
  readonly robustness: boolean;
}

/** A workflow's result crosses a boundary; what this command needs of it. */
const resultSchema = z.object({ evaluation: refSchema<'evaluation'>(), report: z.string().optional() });

/**
 * Evaluates a registered version by the workflow `evaluate`, prints its figures and where the report lies, and opens that
 * for whoever sits at a terminal.
 *
 * @throws Failure `not-found` where there is no such model, version or dataset; as `runWorkflow`
 */
export async function evaluate(
  wished: string | undefined,
  flags: EvaluateFlags,
  outside: Outside,
  out: Console,
  show: (address: string) => void = browse,
): Promise<void> {
  const place = openModels(flags, outside);
  const { name, version } = await wishedVersion(wished, place);
  const dataset =
    flags.dataset === undefined ? undefined : await wishedDataset(flags.dataset, openData(flags, outside));
  const input: EvaluateInput = {
    ...{ model: name, version, robustness: flags.robustness },
    ...(dataset && { dataset: dataset.name, manifest: dataset.entry.manifest }),
  };
  const wish = { type: 'evaluate', input, summary: `${name} version ${version}`, quiet: flags.json } as const;
  const { outcome, workflowId } = await runWorkflow(wish, place.settings, out);
  if (outcome === undefined) return;
  const result = resultSchema.parse(outcome.result);
  const evaluation = await readJson(place.store, result.evaluation, evaluationSchema);
  const report = result.report === undefined ? undefined : placeOf(place.store, result.report);
  if (flags.json === true) {
    const said = { model: name, version, workflow: workflowId, ref: result.evaluation, report };
    out.say(JSON.stringify({ ...said, evaluation }, null, 2));
    return;
  }
  out.say('');
  out.say(out.colours.bold(`${name} version ${version}`));
  for (const line of evaluationLines(evaluation)) out.say(line);
  if (report === undefined) return;
  out.say('');
  out.say(`report      ${report}`);
  if (out.live && isAbsolute(report)) show(report);
}

/** An evaluation for a terminal: every figure by the name that gates have for it, the classes, and what weakens it. */
export function evaluationLines(evaluation: Evaluation): string[] {
  const { pictures, split, perClass } = evaluation;
  return [
    `on ${pictures} ${split} pictures; always the commonest class: ${percent(evaluation.baseline)}`,
    '',
    ...table(['figure', 'value', '95 % interval'], figureRows(evaluation), new Set([1, 2])),
    '',
    ...table(
      ['class', 'pictures', 'precision', 'recall', 'F1', 'ROC AUC'],
      perClass.map((one) => [
        plainText(one.class),
        String(one.pictures),
        ...[one.precision, one.recall, one.f1, one.rocAuc].map(decimals),
      ]),
      new Set([1, 2, 3, 4, 5]),
    ),
    ...robustnessLines(evaluation),
  ];
}

function figureRows(evaluation: Evaluation): string[][] {
  return evaluationMetrics.flatMap((name) => {
    const value = metricOf(evaluation, name);
    if (value === null) return [];
    const interval = name === 'accuracy' ? evaluation.accuracyInterval : evaluation.intervals[name];
    const between = interval === undefined ? '' : `${decimals(interval[0])} to ${decimals(interval[1])}`;
    return [[name, name === 'bytes' ? bytes(value) : decimals(value), between]];
  });
}

function robustnessLines({ robustness, accuracy }: Evaluation): string[] {
  const kinds = [...new Set(robustness.map(({ kind }) => kind))];
  if (kinds.length === 0) return [];
  return [
    '',
    ...table(
      ['made worse by', '0', '1', '2', '3', '4', '5'],
      kinds.map((kind) => [
        kind,
        decimals(accuracy),
        ...robustness.filter((row) => row.kind === kind).map((row) => decimals(row.accuracy)),
      ]),
      new Set([1, 2, 3, 4, 5, 6]),
    ),
  ];
}

function decimals(value: number | null): string {
  return value === null ? '–' : value.toFixed(3);
}
