import { medianOf, ratioOfMedians } from '../figures';
import { markdownTable } from '../table';

/** A side's values of one measure, one a round. */
export interface Row {
  readonly name: string;
  readonly values: readonly number[];
}

/** A table of one measure, the ratios being the first side's to each other one. */
export function showMeasure(title: string, unit: string, decimals: number, rows: readonly Row[]): void {
  const [ours] = rows;
  if (ours === undefined) return;
  const cells = rows.map(({ name, values }) => {
    const range = `${Math.min(...values).toFixed(decimals)}–${Math.max(...values).toFixed(decimals)}`;
    const { ratio, low, high } = ratioOfMedians(ours.values, values);
    const versus = name === ours.name ? ['', ''] : [ratio.toFixed(2), `${low.toFixed(2)}–${high.toFixed(2)}`];
    return [name, medianOf(values).toFixed(decimals), range, ...versus];
  });
  console.log(`\n${title}\n`);
  console.log(markdownTable(['', unit, 'range', `${ours.name} / it`, '95 % of it'], cells));
}
