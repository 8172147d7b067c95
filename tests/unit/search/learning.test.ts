import { describe, expect, it } from '@jest/globals';
import type { TrialSeen } from '../../../contracts/search';
import { parseSpace, type Space } from '../../../lib/search/space';
import { suggest, type Method, type SearchState } from '../../../lib/search/suggest';
import { createRandom } from '../../../lib/random';

type Values = Readonly<Record<string, unknown>>;

const bowl = parseSpace({
  lr: { distribution: 'log_uniform_values', min: 1e-5, max: 1 },
  dropout: { distribution: 'uniform', min: 0, max: 1 },
});
/** Least at lr 1e-2, dropout 0.3. */
const lossOf = ({ lr, dropout }: Values) =>
  (Math.log10(Number(lr)) + 2) ** 2 + 4 * (Number(dropout) - 0.3) ** 2;

function stateOf(
  space: Space,
  method: Method,
  observed: readonly TrialSeen[],
  more: Partial<SearchState> = {},
) {
  return { space, method, goal: 'minimize', seed: 7, observed, ...more } as const;
}

/** A sweep of one trial after another. */
function sweep(
  space: Space,
  method: Method,
  trials: number,
  end: (parameters: Values, trial: number) => Omit<TrialSeen, 'trial' | 'parameters'>,
  more: Partial<SearchState> = {},
): TrialSeen[] {
  const observed: TrialSeen[] = [];
  for (let trial = 1; trial <= trials; trial += 1) {
    const parameters = suggest(stateOf(space, method, observed, more), trial);
    if (parameters === undefined) break;
    observed.push({ trial, parameters, ...end(parameters, trial) });
  }
  return observed;
}
const finished = (value: number) => ({ state: 'finished', value }) as const;

const learning: Method[] = ['bayes', 'tpe'];

describe.each(learning)('%s', (method) => {
  it('comes nearer to the best of a bowl than chance does', () => {
    const best = (by: Method) =>
      Math.min(
        ...sweep(bowl, by, 30, (parameters) => finished(lossOf(parameters))).map(({ value }) => value!),
      );
    expect(best(method)).toBeLessThan(best('random') / 3);
  });

  it('goes for the most where that is the goal', () => {
    const least = sweep(bowl, method, 25, (parameters) => finished(lossOf(parameters)));
    const most = sweep(bowl, method, 25, (parameters) => finished(-lossOf(parameters)), { goal: 'maximize' });
    expect(most.map(({ parameters }) => parameters)).toEqual(least.map(({ parameters }) => parameters));
  });

  it('suggests the same of the same again, and something else of another seed', () => {
    const observed = sweep(bowl, method, 14, (parameters) => finished(lossOf(parameters)));
    const once = suggest(stateOf(bowl, method, observed), 15);
    const copied = JSON.parse(JSON.stringify(observed));
    expect(
      suggest(
        stateOf(
          parseSpace(
            JSON.parse(
              '{"lr":{"distribution":"log_uniform_values","min":1e-5,"max":1},"dropout":{"distribution":"uniform","min":0,"max":1}}',
            ),
          ),
          method,
          copied,
        ),
        15,
      ),
    ).toEqual(once);
    expect(suggest(stateOf(bowl, method, observed, { seed: 8 }), 15)).not.toEqual(once);
  });

  it('looks elsewhere while trials are under way where it would have looked', () => {
    const observed = sweep(bowl, method, 12, (parameters) => finished(lossOf(parameters)));
    const alone = suggest(stateOf(bowl, method, observed), 13)!;
    const running = [13, 14, 15].map((trial) => ({ trial, parameters: alone, state: 'running' }) as const);
    // Asked for the same trial, so that chance plays no part.
    const beside = suggest(stateOf(bowl, method, [...observed, ...running]), 13)!;
    const place = ({ lr, dropout }: Values) => [Math.log10(Number(lr)) / 5, Number(dropout)] as const;
    const [one, other] = [place(alone), place(beside)];
    expect(Math.hypot(one[0] - other[0], one[1] - other[1])).toBeGreaterThan(1e-3);
  });

  it('starts evenly while nothing has ended, however many begin at once', () => {
    const begun = sweep(bowl, method, 16, () => ({ state: 'running' }));
    const halves = begun.map(({ parameters }) => Math.floor(Number(parameters.dropout) * 16));
    expect(new Set(halves).size).toBe(16);
  });

  it('keeps away from where trials fail', () => {
    // Half of the space fails, whatever the loss would be: among it the best of the bowl.
    const seen = sweep(bowl, method, 40, (parameters) =>
      Number(parameters.dropout) < 0.4 ? { state: 'failed' } : finished(lossOf(parameters)),
    );
    const late = seen.slice(20).filter(({ state }) => state === 'failed');
    expect(late.length).toBeLessThan(10);
    const nothing = sweep(bowl, method, 14, () => ({ state: 'failed' }));
    expect(nothing).toHaveLength(14);
  });

  it('learns from a stopped trial, but not from a loss that is no number', () => {
    const observed = sweep(bowl, method, 20, (parameters, trial) =>
      trial % 3 === 0
        ? { state: 'stopped', value: lossOf(parameters) }
        : finished(trial % 7 === 0 ? Infinity : lossOf(parameters)),
    );
    const next = suggest(stateOf(bowl, method, observed), 21)!;
    expect(Number.isFinite(Number(next.lr))).toBe(true);
  });

  it('never repeats itself in a space with an end while there is anything new', () => {
    const small = parseSpace({
      batch_size: { values: [8, 16, 32, 16] },
      epochs: { min: 1, max: 4 },
      dropout: { distribution: 'q_uniform', min: 0, max: 0.5, q: 0.25 },
      name: { value: 'one' },
    });
    const seen = sweep(small, method, 36, ({ epochs, dropout }, trial) =>
      trial % 5 === 0 ? { state: 'failed' } : finished(Number(epochs) + Number(dropout)),
    );
    expect(new Set(seen.map(({ parameters }) => JSON.stringify(parameters))).size).toBe(36);
    expect(suggest(stateOf(small, method, seen), 37)).toBeDefined();
  });

  it('gives values of every distribution that their distribution gives', () => {
    const all = parseSpace({
      a: { distribution: 'int_uniform', min: -2, max: 40 },
      b: { distribution: 'q_log_uniform_values', min: 8, max: 1024, q: 8 },
      c: { distribution: 'normal', mu: 3, sigma: 2 },
      d: { distribution: 'q_normal', mu: 0, sigma: 3, q: 0.5 },
      e: { distribution: 'beta', a: 2, b: 3 },
      f: { values: ['x', 'y', 'z'], probabilities: [0.2, 0.8, 0] },
      g: { distribution: 'inv_log_uniform_values', min: 1e-4, max: 0.1 },
      h: { distribution: 'log_normal', sigma: 0.5 },
      i: { distribution: 'normal', mu: 5, sigma: 0 },
    });
    const seen = sweep(all, method, 18, ({ a, c, f }) =>
      finished((Number(a) - 11) ** 2 / 100 + (Number(c) - 3) ** 2 + (f === 'x' ? 0 : 1)),
    );
    for (const { parameters } of seen) {
      const { a, b, d, e, f, g, h, i } = parameters;
      expect(Number.isInteger(a) && Number(a) >= -2 && Number(a) <= 40).toBe(true);
      expect(Number(b) % 8).toBe(0);
      expect(Number(d) % 0.5).toBeCloseTo(0, 12);
      expect(Number(e)).toBeGreaterThan(0);
      expect(['x', 'y']).toContain(f);
      expect(Number(g)).toBeGreaterThanOrEqual(1e-4);
      expect(Number(h)).toBeGreaterThan(0);
      expect(i).toBe(5);
    }
    expect(Math.min(...seen.slice(10).map(({ value }) => value!))).toBeLessThan(
      Math.min(...seen.slice(0, 10).map(({ value }) => value!)),
    );
  });

  it('goes on from an earlier sweep, with no start-up of its own', () => {
    const earlier = sweep(bowl, 'random', 40, (parameters) => finished(lossOf(parameters)), { seed: 3 });
    const warm = sweep(bowl, method, 8, (parameters) => finished(lossOf(parameters)), { earlier });
    const cold = sweep(bowl, method, 8, (parameters) => finished(lossOf(parameters)));
    const mean = (trials: TrialSeen[]) => trials.reduce((sum, { value }) => sum + value!, 0) / trials.length;
    expect(mean(warm)).toBeLessThan(mean(cold) / 2);
  });

  it('takes trials that were enqueued, and lets pass what the space has no place for', () => {
    const observed = sweep(bowl, method, 14, (parameters) => finished(lossOf(parameters)));
    const strange: TrialSeen[] = [
      { trial: 15, parameters: { lr: 50, dropout: 0.1 }, ...finished(0) },
      { trial: 16, parameters: { lr: 0.1 }, ...finished(0) },
    ];
    expect(suggest(stateOf(bowl, method, [...observed, ...strange]), 17)).toEqual(
      suggest(stateOf(bowl, method, observed), 17),
    );
    const known: TrialSeen = { trial: 15, parameters: { lr: 0.011, dropout: 0.31 }, ...finished(0.003) };
    expect(suggest(stateOf(bowl, method, [...observed, known]), 16)).not.toEqual(
      suggest(stateOf(bowl, method, observed), 16),
    );
  });

  it('suggests from 1,000 trials', () => {
    const random = createRandom('many');
    const observed = Array.from({ length: 1000 }, (_, at): TrialSeen => {
      const parameters = { lr: 10 ** (-5 * random.next()), dropout: random.next() };
      return { trial: at + 1, parameters, ...finished(lossOf(parameters) + 0.1 * random.normal()) };
    });
    const next = suggest(stateOf(bowl, method, observed), 1001)!;
    expect(lossOf(next)).toBeLessThan(1.5);
  });
});

const methods: Method[] = ['grid', 'random', 'bayes', 'tpe'];

describe.each(methods)('%s, with parameters that depend on others', (method) => {
  const space = parseSpace({
    // Before what it depends on, which must not matter.
    nesterov: { values: [true, false], when: { momentum: [0.5, 0.9] } },
    momentum: { values: [0, 0.5, 0.9], when: { optimizer: 'sgd' } },
    optimizer: { values: ['sgd', 'adam'] },
    epochs: { min: 1, max: 3 },
  });

  it('asks for them only where the condition holds', () => {
    const seen = sweep(space, method, 18, ({ optimizer, epochs }) =>
      finished(Number(epochs) + (optimizer === 'sgd' ? 0 : 1)),
    );
    for (const { parameters } of seen) {
      expect('momentum' in parameters).toBe(parameters.optimizer === 'sgd');
      expect('nesterov' in parameters).toBe([0.5, 0.9].includes(Number(parameters.momentum ?? 0)));
      expect(Object.keys(parameters)).toEqual(
        ['nesterov', 'momentum', 'optimizer', 'epochs'].filter((name) => name in parameters),
      );
    }
    expect(new Set(seen.map(({ parameters }) => parameters.optimizer)).size).toBe(2);
  });

  it('has 3 · (1 + 1 + 2 · 2) cells, each of them once', () => {
    if (method === 'random') return;
    const seen = sweep(space, method, method === 'grid' ? 100 : 18, ({ epochs }) => finished(Number(epochs)));
    expect(new Set(seen.map(({ parameters }) => JSON.stringify(parameters))).size).toBe(18);
    expect(seen).toHaveLength(18);
  });
});

describe('bayes on the function of Branin', () => {
  const edges = { min: -5, max: 10, distribution: 'uniform' };
  const branin = parseSpace({ one: edges, other: { ...edges, min: 0, max: 15 } });
  const valueOf = (one: number, other: number) =>
    (other - (5.1 / (4 * Math.PI ** 2)) * one ** 2 + (5 / Math.PI) * one - 6) ** 2 +
    10 * (1 - 1 / (8 * Math.PI)) * Math.cos(one) +
    10;

  // With these seeds it once stayed for good in a minimum at the edge, whose value is 1.94.
  it.each([64, 79, 97])('goes on from a lesser minimum to one of the least, with seed %d', (seed) => {
    const seen = sweep(
      branin,
      'bayes',
      40,
      ({ one, other }) => finished(valueOf(Number(one), Number(other))),
      { seed },
    );
    expect(Math.min(...seen.map(({ value }) => value!))).toBeLessThan(5 / (4 * Math.PI) + 0.01);
  });
});
