/** A function to be minimised, and its least value. */
export interface TestFunction {
  readonly ranges: readonly (readonly [number, number])[];
  /** Whether only whole numbers are asked for, both ends included. */
  readonly whole?: boolean;
  readonly least: number;
  evaluate(x: readonly number[]): number;
}
