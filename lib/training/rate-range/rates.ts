/**
 * Rates that grow by the same factor from step to step, both ends included (Smith, "Cyclical Learning Rates for Training
 * Neural Networks", 2017, with the exponential growth of fastai's `lr_find`).
 */
export function growingRates(from: number, to: number, steps: number): number[] {
  return Array.from({ length: steps }, (_, step) =>
    // Exactly the end that was asked for, whatever the powers round to.
    step === steps - 1 && steps > 1 ? to : from * (to / from) ** (step / Math.max(1, steps - 1)),
  );
}
