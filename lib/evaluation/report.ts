import { markdownText } from '../../contracts/markdown';
import type { Evaluation } from '../../contracts/schemas/evaluation';

/** More classes than this make a matrix that nobody reads; the commonest mistakes are listed in its place. */
const matrixLimit = 20;
/** Rows of classes: the text goes through a workflow's history, which is for small things. */
const mostClasses = 200;

const share = (value: number | null): string => (value === null ? '–' : value.toFixed(3));

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = header.map((_, index) => (index === 0 ? '---' : '---:'));
  return [line(header), line(rule), ...rows.map(line)].join('\n');
}

function perClassTable({ perClass }: Evaluation): string {
  const isAll = perClass.length <= mostClasses;
  const shown = isAll
    ? perClass
    : perClass.toSorted((a, b) => (a.f1 ?? 2) - (b.f1 ?? 2)).slice(0, mostClasses);
  const rows = table(
    ['class', 'pictures', 'precision', 'recall', 'F1'],
    shown.map((row) => [
      markdownText(row.class),
      String(row.pictures),
      share(row.precision),
      share(row.recall),
      share(row.f1),
    ]),
  );
  return isAll
    ? rows
    : `The ${mostClasses} of ${perClass.length} classes with the lowest F1; all are in the report.\n\n${rows}`;
}

/** What was measured beside the accuracy; of an evaluation of before 0.2.0, nothing. */
function figureLine({ macro, rocAuc, brier, calibration, latencyMs }: Evaluation): string[] {
  const figures = [
    ...(macro.f1 === null ? [] : [`macro F1 ${share(macro.f1)}`]),
    ...(rocAuc === null ? [] : [`ROC AUC ${share(rocAuc)}`]),
    ...(brier === null ? [] : [`Brier score ${share(brier)}`]),
    ...(calibration === null ? [] : [`calibration error ${share(calibration.ece)}`]),
    ...(latencyMs === null ? [] : [`${latencyMs.median.toFixed(2)} ms a picture`]),
  ].join(', ');
  return figures === '' ? [] : [`${figures.slice(0, 1).toUpperCase()}${figures.slice(1)}.`];
}

function matrix({ perClass, confusion }: Evaluation): string {
  const names = perClass.map((row) => markdownText(row.class));
  return table(
    ['truth ↓ answer →', ...names],
    confusion.map((row, truth) => [
      names[truth] ?? '',
      ...row.map((count, answer) => (truth === answer ? `**${count}**` : count === 0 ? '·' : String(count))),
    ]),
  );
}

function commonestMistakes({ perClass, confusion }: Evaluation): string {
  const mistakes = confusion.flatMap((row, truth) =>
    // Of thousands of classes nearly all pairs are empty, and there are millions of them.
    row.flatMap((count, answer) => (truth === answer || count === 0 ? [] : [{ truth, answer, count }])),
  );
  const name = (index: number): string => markdownText(perClass[index]?.class ?? '');
  return table(
    ['truth', 'answer', 'pictures'],
    mistakes
      .sort((a, b) => b.count - a.count)
      .slice(0, matrixLimit)
      .map(({ truth, answer, count }) => [name(truth), name(answer), String(count)]),
  );
}

/**
 * An evaluation as Markdown: headline, a table of the classes, and the confusion matrix. It has no headings
 * of its own, so that it fits below any.
 */
export function evaluationMarkdown(evaluation: Evaluation): string {
  const [low, high] = evaluation.accuracyInterval;
  const small = evaluation.perClass.length <= matrixLimit;
  const sections = [
    `**Accuracy ${share(evaluation.accuracy)}** (95 % interval ${share(low)} to ${share(high)}) on ` +
      `${evaluation.pictures} ${evaluation.split} pictures; always answering the commonest class: ` +
      `${share(evaluation.baseline)}. Log loss ${share(evaluation.loss)}.`,
    ...figureLine(evaluation),
    perClassTable(evaluation),
    small ? '**Confusion matrix** (counts)' : '**Commonest mistakes**',
    small ? matrix(evaluation) : commonestMistakes(evaluation),
  ];
  return `${sections.join('\n\n')}\n`;
}
