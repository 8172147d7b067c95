import { describe, expect, it } from '@jest/globals';
import { metricScale } from '../../../lib/sweeps/report/metric-scale';
import { dimensionScale, linearScale } from '../../../lib/sweeps/report/scales';
import { numberText, overrideText } from '../../../lib/sweeps/report/value-text';

const names = (scale: { readonly ticks: readonly { readonly name: string }[] }) =>
  scale.ticks.map(({ name }) => name);
const numbers = (low: number, high: number, log: boolean) =>
  dimensionScale({ kind: 'number', name: 'x', low, high, log }, 5);

describe('an axis of the report', () => {
  it('has round ticks, all of them inside', () => {
    expect(names(linearScale(0.13, 0.92, 4))).toEqual(['0.2', '0.4', '0.6', '0.8']);
    expect(names(linearScale(-1, 1, 4))).toEqual(['-1.0', '-0.5', '0.0', '0.5', '1.0']);
    expect(names(linearScale(0.5, 3.5, 12, 1))).toEqual(['1', '2', '3']);
  });

  it('of orders of magnitude has powers of ten, and of few the numbers between', () => {
    expect(names(numbers(1e-7, 1e-1, true))).toEqual(['1e-7', '1e-5', '0.001', '0.1']);
    expect(names(numbers(0.0005, 0.003, true))).toEqual(['0.0005', '0.001', '0.002']);
    expect(names(numbers(0.0031, 0.0039, true)).length).toBeGreaterThan(1);
  });

  it('gives equal room to equal factors', () => {
    expect(numbers(0.001, 10, true).at(0.1)).toBeCloseTo(0.5, 12);
    expect(numbers(0, 10, false).at(5)).toBe(0.5);
    expect(numbers(0.001, 10, true).at('0.1')).toBeUndefined();
  });

  it('names every so many of a hundred values', () => {
    const values = Array.from({ length: 100 }, (_, at) => `v${at}`);
    const scale = dimensionScale({ kind: 'category', name: 'x', values, ordered: false }, 10);
    expect(names(scale)).toHaveLength(10);
    expect(scale.at('v99')).toBeCloseTo(0.995, 12);
    expect(scale.at('w')).toBeUndefined();
  });
});

describe('the axis of the metric', () => {
  const losses = [0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5];

  it('draws what is far worse than the rest at the edge, and says how many', () => {
    const scale = metricScale([...losses, 1e6], 'minimize', 5);
    expect([scale.beyond, scale.at(1e6)]).toEqual([1, 1]);
    expect(scale.at(0.5)).toBeGreaterThan(0.9);
    const accuracies = metricScale([...losses.map((loss) => 10 - loss), -1e6], 'maximize', 5);
    expect([accuracies.beyond, accuracies.at(-1e6)]).toEqual([1, 0]);
  });

  it('never cuts off what is far better', () => {
    const scale = metricScale([...losses, -1e6], 'minimize', 5);
    expect([scale.beyond, scale.goodness(-1e6)]).toEqual([0, 1]);
  });

  it('draws all of a few trials in their place', () => {
    expect(metricScale([0.1, 0.2, 50], 'minimize', 5).beyond).toBe(0);
  });

  it('has a middle for figures that are all the same', () => {
    const scale = metricScale([0.5, 0.5], 'maximize', 4);
    expect([scale.at(0.5), scale.goodness(0.5), scale.ticks.length > 0]).toEqual([0.5, 1, true]);
  });
});

describe('what stands on the page', () => {
  it.each([
    [0.000_696_804, '0.0006968'],
    [0.000_026_265, '2.627e-5'],
    [128, '128'],
    [1e9, '1e9'],
    [0, '0'],
    [NaN, 'NaN'],
  ])('of the number %d is %s', (value, text) => {
    expect(numberText(value)).toBe(text);
  });

  it.each([
    ['lr', 0.000_696_804_646_811_845_4, 'lr=0.0006968046468118454'],
    ['optimizer', 'adamw', 'optimizer=adamw'],
    ['name', 'true', `'name="true"'`],
    ['name', '1e3', `'name="1e3"'`],
    ['name', "it's", `'name="it'\\''s"'`],
    ['network.filters', [16, 32], `'network.filters=[16,32]'`],
  ])('of the override %s=%j is what a shell and YAML read as the same', (key, value, text) => {
    expect(overrideText(key, value)).toBe(text);
  });
});
