import { describe, expect, it } from '@jest/globals';
import { parseSpace, readSpace, writeSpace } from '../../../lib/search/space';

const lines = (list: ReturnType<typeof readSpace>['problems']) =>
  list.map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('a space', () => {
  it('infers the distributions that are left out, as W&B does', () => {
    const floats = new Set(['c.max', 'd.min']);
    const { space, problems } = readSpace(
      {
        a: { value: 'adam' },
        b: { min: 1, max: 9 },
        c: { min: 0, max: 1 },
        d: { min: 1, max: 9.5 },
        e: { values: [1, 2] },
        f: { values: [1, 2], probabilities: [0.25, 0.75] },
      },
      (path) => floats.has(path.join('.')),
    );
    expect(problems).toEqual([]);
    expect(space.parameters.map(({ distribution }) => distribution.distribution)).toEqual([
      'constant',
      'int_uniform',
      'uniform',
      'uniform',
      'categorical',
      'categorical_w_probabilities',
    ]);
  });

  it('fills in what W&B fills in', () => {
    const { parameters } = parseSpace({
      a: { distribution: 'normal' },
      b: { distribution: 'q_beta', a: 2 },
      c: { distribution: 'q_uniform', min: 0, max: 8 },
    });
    expect(parameters.map(({ distribution }) => distribution)).toEqual([
      { distribution: 'normal', mu: 0, sigma: 1 },
      { distribution: 'q_beta', a: 2, b: 1, q: 1 },
      { distribution: 'q_uniform', min: 0, max: 8, q: 1 },
    ]);
  });

  it('gives nested parameters dotted names, and is the same again through JSON', () => {
    const nested = {
      network: { parameters: { dense: { values: [32, 64] }, dropout: { min: 0, max: 0.5 } } },
    };
    const space = parseSpace(nested);
    expect(space.parameters.map(({ name }) => name)).toEqual(['network.dense', 'network.dropout']);
    const again = parseSpace(JSON.parse(JSON.stringify(writeSpace(space))));
    expect(writeSpace(again)).toEqual(writeSpace(space));
  });

  it('keeps conditions, those of a whole map and its own, through JSON too', () => {
    const space = parseSpace({
      optimizer: { values: ['sgd', 'adam', 'adamw'] },
      sgd: {
        when: { optimizer: ['sgd', 'adam'] },
        parameters: {
          momentum: { min: 0, max: 0.9, when: { optimizer: 'sgd' } },
          nesterov: { values: [true, false] },
        },
      },
    });
    const when = (values: string[]) => [{ name: 'optimizer', values }];
    expect(space.parameters.map((parameter) => parameter.when)).toEqual([
      undefined,
      when(['sgd']),
      when(['sgd', 'adam']),
    ]);
    const again = parseSpace(JSON.parse(JSON.stringify(writeSpace(space))));
    expect(again.parameters.map((parameter) => parameter.when)).toEqual(
      space.parameters.map((parameter) => parameter.when),
    );
  });

  it.each<[unknown, string]>([
    [[], ': expected a map with at least one parameter, found a list'],
    [{}, ': expected a map with at least one parameter, found none'],
    [
      { '1lr': { value: 1 } },
      '1lr: not a name; expected letters, digits, _, . and -, with a letter or _ first',
    ],
    [{ lr: 0.1 }, 'lr: expected a map such as {value: …} or {min: …, max: …}, found a number with decimals'],
    [{ lr: {} }, 'lr: expected value, values, min and max, or a distribution'],
    [{ lr: { min: 1 } }, 'lr: max is missing'],
    [{ lr: { min: 1, mx: 2 } }, 'lr.mx: unknown key; did you mean "max"?'],
    [{ lr: { min: 1, max: 1 } }, 'lr.max: expected more than min'],
    [{ lr: { min: 'small', max: 1 } }, 'lr.min: expected a number, found text'],
    [{ lr: { distribution: 'uniform', min: 1 } }, 'lr.max: missing; expected a number'],
    [
      { lr: { distribution: 'log_unifrom_values', min: 1, max: 2 } },
      'lr.distribution: unknown distribution; did you mean "log_uniform_values"?',
    ],
    [{ lr: { distribution: 7 } }, "lr.distribution: expected a distribution's name, found a whole number"],
    [{ lr: { distribution: 'log_uniform_values', min: 0, max: 1 } }, 'lr.min: expected more than 0'],
    [
      { n: { distribution: 'int_uniform', min: 1.5, max: 3 } },
      'n.min: expected a whole number, found a number with decimals',
    ],
    [{ lr: { distribution: 'normal', sigma: -1 } }, 'lr.sigma: expected at least 0'],
    [{ lr: { distribution: 'beta', a: 0 } }, 'lr.a: expected more than 0'],
    [{ lr: { distribution: 'q_uniform', min: 0, max: 1, q: 0 } }, 'lr.q: expected more than 0'],
    [{ o: { values: [] } }, 'o.values: expected a list with at least one item, found none'],
    [{ o: { distribution: 'constant' } }, 'o.value: missing; expected a value'],
    [
      { o: { values: [1, 2], probabilities: [1] } },
      'o.probabilities: expected as many numbers as values (2), found 1',
    ],
    [{ o: { values: [1, 2], probabilities: [2, -1] } }, 'o.probabilities: expected no number below 0'],
    [
      { o: { values: [1, 2], probabilities: [0.5, 0.4] } },
      'o.probabilities: expected numbers whose sum is 1',
    ],
    [
      { lr: { distribution: 'uniform', min: 0, max: 1, value: 0.5 } },
      'lr.value: uniform has no use for it; it takes min, max',
    ],
    [
      { network: { parameters: { dense: { value: 1 } }, value: 2 } },
      'network.value: unknown key beside parameters; expected one of parameters, when',
    ],
    [
      { a: { value: 1 }, b: { value: 2, when: { aa: 1 } } },
      'b.when.aa: no such parameter; did you mean "a"?',
    ],
    [
      { a: { values: [1, 2] }, b: { value: 2, when: { a: [3] } } },
      'b.when.a: a never has it; expected some of its values',
    ],
    [
      { a: { values: [1, 2] }, b: { value: 2, when: { a: [] } } },
      'b.when.a: expected a value or a list with at least one item, found none',
    ],
    [{ b: { value: 2, when: 'a' } }, 'b.when: expected a map such as {optimizer: sgd}, found text'],
    [{ b: { value: 2, when: { b: 2 } } }, 'b.when: depends on b, and so in a circle on itself'],
    [{ 'a.b': { value: 1 }, a: { parameters: { b: { value: 2 } } } }, 'a.parameters.b: a.b is given twice'],
  ])('says of %j what is wrong', (parameters, message) => {
    expect(lines(readSpace(parameters).problems)).toEqual([message]);
  });

  it('throws every problem at once where it must be right', () => {
    expect(() => parseSpace({ a: { mn: 1 }, b: { value: 1 }, c: 3 })).toThrow(
      /^parameters\.a\.mn: .*\nparameters\.c: expected a map/,
    );
  });

  it.each([
    [
      'log_uniform',
      1e-4,
      1e-2,
      'this draws 1.0001…1.0101; for values of 0.0001…0.01, use log_uniform_values',
    ],
    ['log_uniform', -9, -2, 'this draws 0.00012341…0.13534; log_uniform_values takes the values'],
    ['inv_log_uniform', 1, 2, 'this draws 0.13534…0.36788; for values of 1…2, use inv_log_uniform_values'],
  ])('warns of what %s from %d to %d really draws', (distribution, min, max, message) => {
    const { problems, warnings } = readSpace({ lr: { distribution, min, max } });
    expect(problems).toEqual([]);
    expect(lines(warnings)).toEqual([
      `lr.distribution: ${distribution} takes base-e exponents, so ${message}`,
    ]);
  });

  it('warns of a key that its distribution has no use for', () => {
    const { problems, warnings } = readSpace({ lr: { distribution: 'uniform', min: 0, max: 1, q: 2 } });
    expect(problems).toEqual([]);
    expect(lines(warnings)).toEqual(['lr.q: uniform has no use for it; it takes min, max']);
  });
});
