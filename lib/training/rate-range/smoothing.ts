/** Share of the mean that the newest loss doesn't change. */
const inertia = 0.9;

/**
 * An exponential moving average without its start at zero: divided by the weight that it has had so far (Kingma and Ba,
 * "Adam", 2015, section 3).
 *
 * @returns what takes the next value and gives the mean so far.
 */
export function createSmoothing(decay = inertia): (value: number) => number {
  let sum = 0;
  let weight = 0;
  return (value) => {
    sum = decay * sum + (1 - decay) * value;
    weight = decay * weight + (1 - decay);
    return sum / weight;
  };
}
