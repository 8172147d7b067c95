import { describe, expect, it } from '@jest/globals';
import { readSettings } from '../../../contracts/schemas/settings';
import { createDependencies } from '../../../workers/dependencies';

function dependenciesOf(variables: Record<string, string>) {
  return createDependencies(readSettings(variables, '/project'), { PATH: '/bin', ...variables });
}

describe('what a worker gives its trainers', () => {
  it('hides every GPU with DROVER_DEVICE=cpu, and otherwise is the environment as it stands', () => {
    const shown = { CUDA_VISIBLE_DEVICES: '0,1' };
    expect(dependenciesOf({ DROVER_DEVICE: 'cpu', ...shown }).environment).toMatchObject({
      PATH: '/bin',
      CUDA_VISIBLE_DEVICES: '-1',
    });
    expect(dependenciesOf(shown).environment).toMatchObject(shown);
  });

  it('lets them be silent for two minutes, or as DROVER_STALL_SECONDS says', () => {
    expect(dependenciesOf({}).stallAfterMs).toBe(120_000);
    expect(dependenciesOf({ DROVER_STALL_SECONDS: '900' }).stallAfterMs).toBe(900_000);
    expect(() => dependenciesOf({ DROVER_STALL_SECONDS: '0' })).toThrow(/DROVER_STALL_SECONDS/);
  });
});
