import { describe, expect, it } from '@jest/globals';
import { runConfigSchema } from '../../../contracts/schemas/run';
import { applyParameters, checkSpace } from '../../../lib/search/apply';
import { parseSpace } from '../../../lib/search/space';
import { suggest } from '../../../lib/search/suggest';

const space = parseSpace({
  lr: { distribution: 'log_uniform_values', min: 1e-4, max: 1e-2 },
  batch_size: { values: [16, 32, 64] },
  'network.dropout': { distribution: 'uniform', min: 0, max: 0.4 },
});
const base = runConfigSchema.parse({});
const drawn = { space, method: 'random', goal: 'minimize', observed: [] } as const;
const given = (trial: number, seed = 1) => suggest({ ...drawn, seed }, trial);

describe('a suggestion', () => {
  it('is a function of seed and trial, the same in every release', () => {
    expect(given(1)).toEqual({
      lr: 0.003471669087586146,
      batch_size: 64,
      'network.dropout': 0.32304751849733293,
    });
    expect(given(2)).toEqual({
      lr: 0.001043746118349329,
      batch_size: 64,
      'network.dropout': 0.3294422143604607,
    });
    expect(given(1, 2)).not.toEqual(given(1));
  });

  it("does not depend on other trials, nor on the space's other parameters", () => {
    const forwards = [1, 2, 3].map((trial) => given(trial));
    const backwards = [3, 2, 1].map((trial) => given(trial)).reverse();
    expect(backwards).toEqual(forwards);
    const smaller = parseSpace({ batch_size: { values: [16, 32, 64] } });
    for (const trial of [1, 2, 3]) {
      const less = suggest({ ...drawn, space: smaller, seed: 1 }, trial);
      expect(less?.batch_size).toBe(given(trial)?.batch_size);
    }
  });
});

describe('parameters of a run', () => {
  it('are set where their dotted names say, and nothing else moves', () => {
    const applied = applyParameters(base, {
      lr: 0.5,
      'network.filters': [8, 16],
      'augmentation.flip': false,
    });
    expect(applied).toEqual({
      ...base,
      lr: 0.5,
      network: { ...base.network, filters: [8, 16] },
      augmentation: { ...base.augmentation, flip: false },
    });
    expect(base).toEqual(runConfigSchema.parse({}));
  });

  it("may have the names that W&B's users know", () => {
    const applied = applyParameters(base, { learning_rate: 0.02, dropout: 0.3, epochs: 10, batch_size: 5 });
    expect(applied).toMatchObject({ lr: 0.02, epochs: 10, batch_size: 5, network: { dropout: 0.3 } });
  });

  it('lay single settings over whole maps, in whatever order they come', () => {
    const network = { name: 'cnn', filters: [4], dense: 8 };
    expect(applyParameters(base, { 'network.dense': 99, network }).network).toMatchObject({
      filters: [4],
      dense: 99,
    });
  });

  it('begin another network, and another schedule, from their own defaults', () => {
    const from = runConfigSchema.parse({
      network: { name: 'cnn', kernel: 5 },
      schedule: { name: 'step', every: 3 },
    });
    const parameters = { 'network.name': 'resnet', 'network.blocks': 3, 'schedule.name': 'cosine' };
    const { network, schedule } = applyParameters(from, parameters);
    expect(network).toEqual({ ...runConfigSchema.parse({ network: { name: 'resnet' } }).network, blocks: 3 });
    expect(schedule).toEqual(runConfigSchema.parse({ schedule: { name: 'cosine' } }).schedule);
    expect(applyParameters(from, { 'network.name': 'cnn' })).toEqual(from);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ lrr: 1 }, 'parameters.lrr: no such setting of a run; did you mean "lr"?'],
    [
      { 'network.filtrs': [1] },
      'parameters.network.filtrs: no such setting of a run; did you mean "network.filters"?',
    ],
    [{ epochs: 1.5 }, 'parameters.epochs: expected a whole number, found a number with decimals'],
    [{ 'network.filters': [8, 0] }, 'parameters.network.filters.1: expected at least 1'],
    [
      { network: { name: 'cnn', filter: [8] } },
      'parameters.network.filter: unknown key; did you mean "filters"?',
    ],
    [{ __proto__x: 1, optimizer: 'adm' }, 'parameters.__proto__x: no such setting of a run'],
    [{ optimizer: 'adm' }, 'parameters.optimizer: not one of the choices; did you mean "adam"?'],
  ])('are refused by name: %j', (parameters, message) => {
    expect(() => applyParameters(base, parameters)).toThrow(message);
  });
});

describe('a space that a run would refuse', () => {
  const problems = (parameters: unknown) =>
    checkSpace(base, parseSpace(parameters)).map(({ path, message }) => `${path.join('.')}: ${message}`);

  it.each<[unknown, string[]]>([
    [{ lr: { min: 0.001, max: 0.1 }, batch_size: { values: [16, 32] } }, []],
    [{ momentun: { value: 0.9 } }, ['momentun: no such setting of a run; did you mean "momentum"?']],
    [{ batch_size: { values: [16, 0] } }, ['batch_size.values.1: expected at least 1']],
    [
      { optimizer: { value: 'adagrad' } },
      ['optimizer.value: not one of the choices; expected one of adam, adamw, sgd'],
    ],
    [{ lr: { min: 1.5, max: 100 } }, ['lr.max: draws what a run refuses: expected at most 10']],
    [{ lr: { min: -0.5, max: 1 } }, ['lr.min: draws what a run refuses: expected more than 0']],
    [
      { epochs: { distribution: 'uniform', min: 1, max: 5 } },
      [
        'epochs.min: draws what a run refuses: expected a whole number, found a number with decimals; use int_uniform',
      ],
    ],
    [{ lr: { distribution: 'normal' } }, ['lr: draws what a run refuses: expected more than 0']],
    [{ lr: { value: 1 }, learning_rate: { value: 2 } }, ['learning_rate: sets the same as lr']],
    [
      {
        'network.name': { values: ['cnn', 'resnet'] },
        'network.blocks': { values: [1, 2], when: { 'network.name': 'resnet' } },
        'network.kernel': { values: [3, 5] },
        'schedule.name': { values: ['constant', 'step'] },
        'schedule.every': { values: [5, 10], when: { 'schedule.name': 'step' } },
      },
      [
        'network.kernel: unknown key; expected one of name, filters, blocks, dropout (where network.name is "resnet")',
      ],
    ],
  ])('is refused before any trial: %j', (parameters, expected) => {
    expect(problems(parameters)).toEqual(expected);
  });
});
