/** A learning rate as people write it: `0.0032`, `1.0e-5`. */
export function rateText(rate: number): string {
  return rate >= 0.001 && rate < 1000 ? String(Number(rate.toPrecision(2))) : rate.toExponential(1);
}
