const decimals = 1e6;

/** A class that comes first, and all of them with their probabilities, the likeliest first. */
export interface Ranking {
  readonly prediction: string;
  /** Each in [0, 1], to six decimals; they add up to 1 but for rounding. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/**
 * What a model's answer means.
 *
 * @param probabilities - `[classes]`
 */
export function rank(classes: readonly string[], probabilities: Float32Array): Ranking {
  const ranked = classes
    .map((name, index) => [name, probabilities[index] ?? 0] as const)
    .sort(([, a], [, b]) => b - a)
    .map(([name, probability]): [string, number] => [name, Math.round(probability * decimals) / decimals]);
  return { prediction: ranked[0]?.[0] ?? '', probabilities: Object.fromEntries(ranked) };
}
