import { describe, expect, it } from '@jest/globals';
import { corruptionKinds, type Evaluation } from '../../../contracts/schemas/evaluation';
import { evaluationPage, type EvaluationReport } from '../../../lib/evaluation/page/page';
import { exampleEvaluation } from './example';

const hostile = '"><script>alert(1)</script>';

const whole = (): Evaluation =>
  exampleEvaluation({
    calibration: {
      ece: 0.04,
      bins: Array.from({ length: 15 }, (_, at) => ({
        low: at / 15,
        high: (at + 1) / 15,
        pictures: at === 12 ? 640 : 0,
        confidence: at === 12 ? 0.84 : null,
        accuracy: at === 12 ? 0.742 : null,
      })),
      temperature: 1.31,
      eceAfter: 0.02,
      nllAfter: 0.55,
    },
    intervals: { macro_f1: [0.31, 0.41], loss: [0.55, 0.67] },
    slices: [
      { by: 'class', name: 'cat', pictures: 320, accuracy: 0.7, interval: [0.65, 0.75] },
      {
        ...{ by: 'brightness', name: 'darkest third', pictures: 213, accuracy: 0.6, interval: [0.53, 0.66] },
        range: [3, 77],
        of: 'original',
      },
    ],
    robustness: corruptionKinds.flatMap((kind) =>
      [1, 2, 3, 4, 5].map((strength) => ({ kind, strength, pictures: 400, accuracy: 0.7 - strength / 10 })),
    ),
  });

const page = (changes: Partial<EvaluationReport> = {}): string =>
  evaluationPage({
    evaluation: whole(),
    subject: 'animals version 3',
    dataset: 'animals',
    mistakes: [
      {
        picture: 'f'.repeat(64),
        truth: 'cat',
        answer: 'dog',
        confidence: 0.97,
        given: 0.02,
        image: 'data:image/png;base64,AAAA',
      },
    ],
    curves: [
      {
        class: 'cat',
        area: 0.81,
        points: [
          { others: 0, ofClass: 0 },
          { others: 0.2, ofClass: 0.7 },
          { others: 1, ofClass: 1 },
        ],
      },
    ],
    coverage: [
      { confidence: 0.9, coverage: 0.5, accuracy: 0.95 },
      { confidence: 0.4, coverage: 1, accuracy: 0.742 },
    ],
    at: Date.UTC(2026, 10, 25),
    ...changes,
  });

describe('the report of an evaluation', () => {
  it('says the figures with their intervals, and each by the name that a gate has for it', () => {
    const text = page().replaceAll(/\s+/g, ' ');
    expect(text).toContain('74.2 %');
    expect(text).toMatch(/70\.7 % to 77\.4 %/);
    expect(text).toContain('<code>macro_f1</code>');
    expect(text).toContain('0.310 to 0.410');
  });

  it('has a heat map, a reliability diagram, slices, curves of robustness, and the worst mistakes as pictures', () => {
    const text = page().replaceAll(/\s+/g, ' ');
    for (const id of ['confusion', 'roc', 'coverage', 'calibration', 'slices', 'robustness', 'mistakes']) {
      expect(text).toContain(`<section id="${id}"`);
    }
    expect(text).toMatch(/class="number right\d">\s*224/);
    expect(text).toContain('over-confident');
    expect(text).toContain('luminance 3 to 77');
    expect(text).toContain('400 of the pictures, drawn by chance');
    expect(text).toContain('src="data:image/png;base64,AAAA"');
  });

  it('leaves out what an evaluation of before 0.2.0 has not measured', () => {
    const evaluation = exampleEvaluation({ brier: null, rocAuc: null, latencyMs: null, bytes: null });
    const text = page({ evaluation, mistakes: undefined, curves: undefined, coverage: undefined });
    for (const id of ['roc', 'coverage', 'calibration', 'slices', 'robustness', 'mistakes']) {
      expect(text).not.toContain(`<section id="${id}"`);
    }
    expect(text).not.toMatch(/NaN|undefined|Infinity|null/);
  });

  it('loads nothing from anywhere, and runs nothing, whatever a class is called', () => {
    const [cat, dog] = whole().perClass;
    const evaluation = { ...whole(), perClass: [{ ...cat!, class: hostile }, dog!] };
    const text = page({ evaluation, subject: hostile, dataset: hostile });
    expect(text).not.toContain('<script');
    expect(text).not.toMatch(/(src|href)="(?!data:|#)/);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('draws many classes without numbers, and lists the commonest mistakes', () => {
    const classes = 40;
    const confusion = Array.from({ length: classes }, (_, truth) =>
      Array.from({ length: classes }, (_, answer) =>
        truth === answer ? 9 : truth === 3 && answer === 8 ? 4 : 0,
      ),
    );
    const perClass = confusion.map((_, index) => ({
      ...{ class: `c${index}`, pictures: 10, precision: 1, recall: 0.9, f1: 0.95, rocAuc: null },
    }));
    const text = page({ evaluation: { ...whole(), perClass, confusion } }).replaceAll(/\s+/g, ' ');
    expect(text).toContain('c3 answered as c8: 4');
    expect(text).toContain('4 of 10');
    expect(text).not.toContain('class="matrix"');
  });

  it('says of thousands of classes how many are not shown', () => {
    const perClass = Array.from({ length: 2000 }, (_, index) => ({
      ...{ class: `c${index}`, pictures: 1, precision: 1, recall: 1, f1: index / 2000, rocAuc: null },
    }));
    const confusion = perClass.map((_, truth) => perClass.map((__, answer) => (truth === answer ? 1 : 0)));
    const text = page({ evaluation: { ...whole(), perClass, confusion } }).replaceAll(/\s+/g, ' ');
    expect(text).toContain('1,960 more classes');
    expect(text).toContain('And 1,000 with a higher F1');
    expect(page()).not.toContain('with a higher F1');
  });
});
