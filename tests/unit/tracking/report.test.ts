import { describe, expect, it } from '@jest/globals';
import { networkSchema } from '../../../contracts/schemas/network';
import type { MetricsLine } from '../../../contracts/schemas/metrics';
import { hostileNames } from '../../support/card-content';
import {
  digest,
  epochMetrics,
  runResult,
  samplePictures,
  stepRecord,
  stepsPerEpoch,
  trackedRunId,
} from '../../support/tracked-run';
import { thinned } from '../../../lib/tracking/report/curves';
import { niceAxis } from '../../../lib/tracking/report/nice-axis';
import { renderRunReport } from '../../../lib/tracking/report/page';

const at = Date.UTC(2026, 10, 25, 6, 10);

function linesOf(steps: number): MetricsLine[] {
  return Array.from({ length: steps }, (_, index) => index + 1).flatMap((step): MetricsLine[] => {
    const { gradientNorm, examplesPerSecond, ...record } = stepRecord(step);
    const rates = { gradient_norm: gradientNorm, pictures_per_second: examplesPerSecond };
    const line: MetricsLine = { kind: 'step', ...record, ...rates };
    if (step % stepsPerEpoch !== 0) return [line];
    return [line, { kind: 'epoch', step, at, ...epochMetrics(step / stepsPerEpoch) }];
  });
}

const elements = (page: string, name: string): string[] =>
  [...page.matchAll(new RegExp(`<${name}[\\s>]`, 'g'))].map(([found]) => found);

describe('the report of a run', () => {
  it('says which epoch is the model and how good it is, and how to do it again', async () => {
    const page = await renderRunReport({ result: runResult(20), lines: linesOf(400), sample: [], at });
    const text = page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
    expect(text).toContain('The model is that of epoch 13 of 20, which has the best validation loss: 78.0 %');
    expect(text).toContain('Finished 25 November 2026, 06:10 UTC');
    expect(text).toContain(`npx drover rerun ${trackedRunId}`);
    expect(text).toContain(digest('prepared'));
    expect(elements(page, 'figure')).toHaveLength(5);
    expect(elements(page, 'circle')).toHaveLength(80);
  });

  it('has wrong answers first, the surest at the top, each marked', async () => {
    const sample = samplePictures(20, ['cat', 'dog', 'horse']);
    const page = await renderRunReport({ result: runResult(2), lines: [], sample, at });
    const rows = page.split('<table class="sample">').slice(1).join().split('<tr').slice(1);
    const answers = rows.filter((row) => row.includes('<img'));
    const wrong = sample.filter(({ actual, predicted }) => actual !== predicted).length;
    expect(answers).toHaveLength(20);
    expect(wrong).toBeGreaterThan(1);
    expect(answers.map((row) => row.includes('>wrong</span>'))).toEqual(
      Array.from({ length: 20 }, (_, index) => index < wrong),
    );
    const probabilities = answers.map((row) => Number(/([\d.]+) %/.exec(row)?.[1]));
    const sorted = [...probabilities.slice(0, wrong)].sort((a, b) => b - a);
    expect(probabilities.slice(0, wrong)).toEqual(sorted);
  });

  it('holds no element that a name tried to be, and asks nobody for anything', async () => {
    const result = runResult(2, [...hostileNames, 'cat']);
    const hostile = {
      ...result,
      config: { ...result.config, class_weights: Object.fromEntries(hostileNames.map((name) => [name, 2])) },
      environment: { ...result.environment, cpu: hostileNames[0]!, device: '"><img src=x>' },
    };
    const sample = samplePictures(40, [...hostileNames, 'cat']);
    const dataset = { name: hostileNames[0]!, manifest: { uri: 'store://m', sha256: digest('m') } };
    const page = await renderRunReport({ result: hostile, lines: linesOf(40), sample, dataset, at });
    expect(elements(page, 'script')).toEqual([]);
    expect(elements(page, 'style')).toHaveLength(1);
    expect(elements(page, 'img')).toHaveLength(40);
    expect([...page.matchAll(/<img src="data:image\/png;base64,[\w+/=]+"/g)]).toHaveLength(40);
    expect(page).not.toMatch(/<[^>]*\son\w+=/);
    expect(page).not.toMatch(/(?:src|href)="(?!data:|#)/);
    expect(page).toMatch(/default-src &#39;none&#39;; img-src data:; style-src &#39;sha256-/);
    expect(page).not.toContain('script-src');
  });

  it('is written of a run from before there were metrics, from its history', async () => {
    const page = await renderRunReport({ result: runResult(3), lines: [], sample: [], at });
    expect(elements(page, 'figure')).toHaveLength(2);
    expect(elements(page, 'circle')).toHaveLength(12);
    expect(page).not.toContain('id="sample"');
    expect(page).not.toContain('NaN');
  });

  it('tells whatever the environment has, by its name where it is a new one', async () => {
    const result = runResult(1);
    const environment = { ...result.environment, code: 'abc123', libraries: { node: '20.20.0' } };
    const page = await renderRunReport({ result: { ...result, environment }, lines: [], sample: [], at });
    expect(page).toContain('<dt><bdi>Code version</bdi></dt>');
    expect(page).toContain('<dt><bdi>libraries node</bdi></dt>');
  });

  it('says that more epochs may help, that it overfits, and that gradients overflowed', async () => {
    const broken: MetricsLine[] = linesOf(20).map((line) =>
      line.kind === 'step' && line.step < 4 ? { ...line, gradient_norm: NaN } : line,
    );
    const result = runResult(3);
    const best = { ...result.best, train_accuracy: 0.9, validation_accuracy: 0.7 };
    const page = await renderRunReport({ result: { ...result, best }, lines: broken, sample: [], at });
    expect(page).toContain('The best epoch is the last, 3.');
    expect(page).toContain('20.0 points above');
    expect(page).toContain('At 3 steps the gradient');
    const calm = await renderRunReport({ result: runResult(20), lines: [], sample: [], at });
    expect(calm).not.toContain('Worth a look');
  });

  it('counts epochs of fine-tuning among those that a run was to have', async () => {
    const network = networkSchema.parse({
      ...{ name: 'transfer', backbone: 'mobilenet_v2_035' },
      fine_tune: { from: 'block_16', epochs: 4 },
    });
    const tuned = (epochs: number, best: number) => {
      const result = runResult(epochs);
      return {
        ...{ ...result, config: { ...result.config, epochs: 8, network } },
        best: result.history[best - 1]!,
      };
    };
    const pageOf = (epochs: number, best: number) =>
      renderRunReport({ result: tuned(epochs, best), lines: [], sample: [], at });
    expect(await pageOf(12, 9)).not.toContain('still getting better');
    expect(await pageOf(12, 12)).toContain('raise network.fine_tune.epochs');
    expect(await pageOf(10, 9)).toContain('of 10, stopped early of 12');
    expect(await pageOf(12, 9)).not.toContain('stopped early');
  });

  it('stays below 3 MB, with a hundred thousand steps, a thousand epochs and as many classes', async () => {
    const classes = Array.from({ length: 1000 }, (_, index) => `${'&'.repeat(100)}${index}`);
    const pixels = new Uint8Array(224 * 224 * 3).map((_, place) => (place * place) % 251);
    const sample = samplePictures(500, classes).map((picture, index) => ({
      ...picture,
      predicted: classes[index]!,
      pixels,
    }));
    const result = runResult(1000, classes);
    const large = {
      ...result,
      config: { ...result.config, class_weights: Object.fromEntries(classes.map((name) => [name, 1])) },
      model: { ...result.model, preprocessing: { ...result.model.preprocessing, size: 224 } },
    };
    const page = await renderRunReport({ result: large, lines: linesOf(100_000), sample, at });
    expect(page.length).toBeLessThan(3_000_000);
  });
});

describe('curves', () => {
  it('keep their mean where they have more points than can be seen, and leave out what is no number', () => {
    const points = Array.from({ length: 10_000 }, (_, index) => ({ x: index, y: index % 2 }));
    const few = thinned([...points, { x: 10_000, y: NaN }]);
    expect(few.length).toBeLessThanOrEqual(240);
    expect(few.every(({ y }) => Math.abs(y - 0.5) < 0.02)).toBe(true);
  });

  it.each([
    [0.93, ['0', '0.5', '1.0']],
    [2.2, ['0', '1', '2', '3']],
    [0.001, ['0', '0.0005', '0.0010']],
    [3e-7, ['0', '1e-7', '2e-7', '3e-7']],
    [2e-4, ['0', '5e-5', '1e-4', '1.5e-4', '2e-4']],
    [1.4e7, ['0', '5e+6', '1e+7', '1.5e+7']],
    [940, ['0', '500', '1000']],
    [45_000, ['0', '20k', '40k', '60k']],
    [0, ['0', '0.5', '1.0']],
  ])('have round ticks up to %d', (highest, names) => {
    expect(niceAxis(highest, 4).ticks.map(({ name }) => name)).toEqual(names);
  });
});
