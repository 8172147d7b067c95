export interface Axis {
  /** The last tick, which is not below the highest value. */
  readonly end: number;
  readonly ticks: readonly { readonly value: number; readonly name: string }[];
}

/**
 * An axis from zero with round steps (Heckbert, "Nice numbers", 1990), of values of any size.
 *
 * @param least - the smallest step
 */
export function niceAxis(highest: number, steps: number, least = 0): Axis {
  const top = Number.isFinite(highest) && highest > 0 ? highest : 1;
  const rough = top / steps;
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = [1, 2, 5, 10].map((times) => times * power).find((step) => step >= rough * 0.999_999) ?? rough;
  const step = Math.max(nice, least);
  const count = Math.max(1, Math.ceil(top / step - 1e-9));
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const name = (value: number) => {
    if (value === 0) return '0';
    // A tick is a small multiple of 1, 2 or 5 times a power of ten; the digits beyond are rounding's.
    if (step < 1e-4 || top >= 1e7) return Number(value.toPrecision(3)).toExponential();
    return top >= 10_000 ? `${Number((value / 1000).toPrecision(3))}k` : value.toFixed(decimals);
  };
  const ticks = Array.from({ length: count + 1 }, (_, index) => index * step);
  return { end: count * step, ticks: ticks.map((value) => ({ value, name: name(value) })) };
}
