import sharp from 'sharp';
import { corruptionKinds } from '../../contracts/schemas/evaluation';
import type { EvaluationReport } from '../../lib/evaluation/page/page';
import { answerFigures } from '../../lib/evaluation/figures';
import { coverageCurve } from '../../lib/evaluation/metrics/coverage';
import { confidencesOf } from '../../lib/evaluation/metrics/reliability';
import { rankBy } from '../../lib/evaluation/metrics/roc-auc';
import { rocCurve } from '../../lib/evaluation/metrics/roc-curve';
import { createRandom } from '../../lib/random';
import { exampleEvaluation } from '../unit/evaluation/example';

/** The report of answers that were drawn by chance and know the truth a little, with all that a report can show. */
export async function exampleReport(classes: readonly string[], pictures = 300): Promise<EvaluationReport> {
  const random = createRandom('report');
  const truth = Array.from({ length: pictures }, () => random.int(classes.length));
  const probabilities = truth.flatMap((of) => {
    const weights = classes.map((_, index) => Math.exp(random.normal() + (index === of ? 2 : 0)));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / total);
  });
  const answers = { probabilities, truth, classes: classes.length };
  const figures = await answerFigures(classes, answers, answers);
  const pixels = { create: { width: 48, height: 48, channels: 3, background: '#48a' } } as const;
  const image = `data:image/png;base64,${(await sharp(pixels).png().toBuffer()).toString('base64')}`;
  const name = (index: number) => classes[index % classes.length] ?? '';
  return {
    evaluation: {
      ...exampleEvaluation(),
      ...figures,
      slices: (['source', 'size', 'brightness'] as const).flatMap((by) =>
        classes.slice(0, 3).map((slice) => ({
          ...{ by, name: slice, pictures: 90, accuracy: 0.7, interval: [0.6, 0.8] as [number, number] },
          ...(by !== 'source' && { range: [10, 5000] as [number, number], of: 'original' as const }),
        })),
      ),
      robustness: corruptionKinds.flatMap((kind) =>
        [1, 2, 3, 4, 5].map((strength) => ({ kind, strength, pictures, accuracy: 0.7 - strength / 10 })),
      ),
    },
    subject: `${classes[0]} version 3`,
    dataset: classes.at(-1) ?? '',
    mistakes: Array.from({ length: 24 }, (_, index) => ({
      ...{ picture: 'f'.repeat(64), truth: name(index), answer: name(index + 1), image },
      ...{ confidence: 0.9, given: 0.05 },
    })),
    curves: classes.slice(0, 6).map((one, index) => ({
      ...{ class: one, area: figures.perClass[index]?.rocAuc ?? 0 },
      points: rocCurve(rankBy(answers, index), 200),
    })),
    coverage: coverageCurve(confidencesOf(answers), 200),
    at: Date.UTC(2026, 10, 25),
  };
}
