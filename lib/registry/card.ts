import { stringify } from 'yaml';
import { markdownText } from '../../contracts/markdown';
import { licenceTags } from './licences';
import type { ModelVersion } from '../../contracts/schemas/registry';
import type { Ref } from '../../contracts/refs';

export type CardContent = Omit<ModelVersion, 'createdAt' | 'card'>;

/** A figure under the name that Hugging Face has for the metric. */
export interface CardFigure {
  readonly type: string;
  readonly value: number;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function refRow(name: string, ref: Ref): string {
  return row(name, `\`${ref.uri}\` (SHA-256 \`${ref.sha256}\`)`);
}

function row(name: string, value: string): string {
  return `| ${name} | ${value} |`;
}

function frontMatter(
  { name, metrics, lineage }: CardContent,
  notes: string | undefined,
  figures: readonly CardFigure[],
): string {
  return stringify({
    ...licenceTags(notes),
    library_name: 'onnx',
    pipeline_tag: 'image-classification',
    tags: ['image-classification', 'onnx', 'tensorflowjs', 'drover'],
    datasets: [name],
    metrics: ['accuracy', 'loss', ...figures.map(({ type }) => type)],
    'model-index': [
      {
        name,
        results: [
          {
            task: { type: 'image-classification' },
            dataset: { name, type: name, revision: lineage.manifest.sha256, split: 'test' },
            metrics: [
              { type: 'accuracy', value: metrics.accuracy },
              { type: 'loss', value: metrics.loss },
              ...figures,
            ],
          },
        ],
      },
    ],
  });
}

/**
 * A model version's card, in Markdown with the front matter that Hugging Face reads. It holds nothing that
 * changes from one writing to the next, so that registering twice writes the same bytes.
 *
 * @param notes - Markdown on licences and credits of the pictures, where the caller knows it; it ends the card,
 *   so sections of its own (`## …`) may follow, such as the evaluation's tables
 * @see https://huggingface.co/docs/hub/model-cards
 */
export function modelCard(
  version: CardContent,
  notes: string | undefined,
  figures: readonly CardFigure[] = [],
): string {
  const { name, model, lineage, metrics } = version;
  const { size, color, fit } = model.preprocessing;
  return `---
${frontMatter(version, notes, figures)}---

# ${name}, version ${version.version}

An image classifier with ${model.classes.length} classes, trained by Drover.

## Figures on the test split

| | |
| --- | --- |
${row('Accuracy', percent(metrics.accuracy))}
${row('Loss', metrics.loss.toFixed(4))}
${row('Pictures', String(metrics.pictures))}
${refRow('Evaluation', version.evaluation)}

## Classes

${model.classes.map((label, index) => `${index}. ${markdownText(label)}`).join('\n')}

## What it takes and gives

\`model.onnx\`: \`uint8 [batch, ${size}, ${size}, ${color === 'grey' ? 1 : 3}]\` in, probabilities
\`float32 [batch, ${model.classes.length}]\` out. Pictures are scaled to ${size} × ${size} pixels (${fit}), ${color}.
\`model.json\` and \`weights.bin\` are the same model for TensorFlow.js; the two forms' probabilities differ by
at most ${model.parity.maxDifference} on ${model.parity.pictures} pictures.

## Files

| file | form | bytes | SHA-256 |
| --- | --- | ---: | --- |
${(version.forms ?? []).map(({ file, name: form, bytes, ref }) => `| \`${file}\` | ${form} | ${bytes} | \`${ref.sha256}\` |`).join('\n')}

## Where it comes from

| | |
| --- | --- |
${[
  row('Run', markdownText(lineage.run)),
  ...(lineage.sweep === undefined ? [] : [row('Sweep', markdownText(lineage.sweep))]),
  ...(lineage.pipeline === undefined ? [] : [row('Pipeline', markdownText(lineage.pipeline))]),
  refRow('Result', lineage.result),
  refRow('Prepared set', lineage.prepared),
  refRow('Dataset version', lineage.manifest),
].join('\n')}

## Licence and credits

${notes ?? 'Nothing was recorded. The licences of the pictures that it was trained on apply.'}
`;
}
