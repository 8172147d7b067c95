import { type Measured, measure, type Wanted } from './measure';
import type { Service } from './service';
import { type Row, showMeasure } from './show';

export interface RunningSide {
  readonly name: string;
  readonly service: Service;
}

export type Figures = Record<string, Measured[]>;

/** A pause before each: what a side still does after its load, it does in its own time. */
const restMs = 300;

/** All sides in every round, each round beginning with another one. */
export async function inRounds(
  sides: readonly RunningSide[],
  requests: readonly Buffer[],
  rounds: number,
  wanted: Wanted,
): Promise<Figures> {
  const figures: Figures = Object.fromEntries(sides.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < sides.length; turn += 1) {
      const side = sides[(turn + round) % sides.length];
      if (side === undefined) continue;
      await new Promise((resolve) => setTimeout(resolve, restMs));
      const measured = await measure(side.service, requests, wanted);
      figures[side.name]?.push(measured);
      const { perSecond, p99, bad } = measured;
      console.error(
        `  round ${round + 1}, ${side.name}: ${perSecond.toFixed(0)}/s, p99 ${p99.toFixed(1)} ms, ${bad} bad`,
      );
    }
  }
  return figures;
}

const measures = [
  { key: 'perSecond', unit: 'requests/s', decimals: 0 },
  { key: 'p50', unit: 'p50 ms', decimals: 1 },
  { key: 'p99', unit: 'p99 ms', decimals: 1 },
  { key: 'cpu', unit: 'CPU s / 1,000', decimals: 2 },
] as const;

/** A table a measure, and the sides that did not answer everything. */
export function showFigures(title: string, figures: Figures): void {
  for (const { key, unit, decimals } of measures) {
    const rows = Object.entries(figures).map(([name, values]): Row => ({
      name,
      values: values.map((one) => one[key]),
    }));
    showMeasure(`${title}: ${unit}`, unit, decimals, rows);
  }
  for (const [name, values] of Object.entries(figures)) {
    const bad = values.reduce((sum, one) => sum + one.bad, 0);
    if (bad > 0) console.log(`\n${name}: ${bad} requests were not answered with 200.`);
  }
}
