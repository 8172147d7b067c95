import type { TrialSeen } from '../../contracts/search';
import { createRandom } from '../../lib/random';
import { parseSpace } from '../../lib/search/space';
import { suggest } from '../../lib/search/suggest';
import { medianOf } from '../figures';

const kinds = [
  { distribution: 'uniform', min: 0, max: 1 },
  { distribution: 'int_uniform', min: 1, max: 100 },
  { values: ['a', 'b', 'c'] },
  { distribution: 'q_log_uniform_values', min: 8, max: 1024, q: 8 },
];

const spaceOf = (parameters: number, kindCount: number) =>
  parseSpace(
    Object.fromEntries(Array.from({ length: parameters }, (_, at) => [`x${at}`, kinds[at % kindCount]])),
  );

const spaces = {
  '8 continuous parameters': spaceOf(8, 1),
  '20 of four kinds': spaceOf(20, 4),
};

/** How long one suggestion takes after 1,000 finished trials: medians of three. */
export function secondsFromMany(): { method: string; space: string; seconds: number }[] {
  const random = createRandom('many');
  return Object.entries(spaces).flatMap(([name, space]) => {
    const base = { space, goal: 'minimize', seed: 1 } as const;
    const observed = Array.from({ length: 1000 }, (_, at): TrialSeen => {
      const parameters = suggest({ ...base, method: 'random', observed: [] }, at + 1) ?? {};
      return { trial: at + 1, parameters, state: 'finished', value: Number(parameters.x0) + random.normal() };
    });
    return (['bayes', 'tpe'] as const).map((method) => {
      const times = [1, 2, 3].map((more) => {
        const began = performance.now();
        suggest({ ...base, method, observed }, 1000 + more);
        return (performance.now() - began) / 1000;
      });
      return { method, space: name, seconds: medianOf(times) };
    });
  });
}
