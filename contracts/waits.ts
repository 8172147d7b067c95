const unitMs: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/**
 * @param wait - as a configuration has it: `90s`, `30m`, `12h`, `3d`
 * @returns milliseconds
 */
export function waitMilliseconds(wait: string): number {
  return Number(wait.slice(0, -1)) * (unitMs.get(wait.slice(-1)) ?? Number.NaN);
}
