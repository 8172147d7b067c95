import { describe, expect, it } from '@jest/globals';
import { parseInput } from '../../../activities/input';
import { stageInputSchemas } from '../../../contracts/schemas/inputs';

const parse = (given: unknown) => parseInput(stageInputSchemas.evaluate, given, 'evaluate');
const run = { uri: 'store://runs/a/result.json', sha256: 'a'.repeat(64) };

describe('what `evaluate` takes', () => {
  it('is a run, or a model with or without its version', () => {
    expect(parse({ run })).toEqual({ run });
    expect(parse({ model: 'animals', robustness: false })).toEqual({ model: 'animals', robustness: false });
    expect(parse({ model: 'animals', version: 2 })).toEqual({ model: 'animals', version: 2 });
  });

  it.each([
    ['nothing', {}],
    ['both', { run, model: 'animals' }],
    ['a version of a run', { run, version: 2 }],
  ])('is not %s', (_, given) => {
    expect(() => parse(given)).toThrow(/takes either a run, or a model and its version/);
  });

  it('names the key that is wrong', () => {
    expect(() => parse({ model: 'animals', robustness: 'maybe' })).toThrow(/robustness: /);
    expect(() => parse({ model: 'animals', robust: true })).toThrow(/robust/);
  });
});
