import { describe, expect, it } from '@jest/globals';
import type { RunResult } from '../../../contracts/schemas/documents';
import { compareRuns } from '../../../lib/training/compare-runs';

const digest = (digit: string) => digit.repeat(64);

function result(weights: string, environment: Partial<RunResult['environment']> = {}): RunResult {
  const ref = (sha256: string) => ({ kind: 'x', uri: `store://${sha256}`, sha256 });
  // Only what is compared.
  return {
    model: { weights: ref(digest(weights)), onnx: ref(digest(weights)) },
    environment: { tensorflow: '2.21.0', threads: 2, device: 'cpu', cpu: 'this one', ...environment },
  } as unknown as RunResult;
}

describe('compareRuns', () => {
  it('calls runs the same where their models are, wherever they were made', () => {
    expect(compareRuns(result('a'), result('a', { cpu: 'that one' }))).toEqual({
      same: true,
      sha256: { was: digest('a'), is: digest('a') },
      differences: [{ name: 'cpu', was: 'this one', is: 'that one' }],
    });
  });

  it('names each part that is different, also what one of them did not say', () => {
    const before = result('a', { libraries: { sharp: '0.34.0' } });
    const after = result('b', { threads: 4, libraries: { sharp: '0.35.0' }, node: 'v20' });
    expect(compareRuns(before, after)).toMatchObject({
      same: false,
      differences: [
        { name: 'threads', was: '2', is: '4' },
        { name: 'libraries sharp', was: '0.34.0', is: '0.35.0' },
        { name: 'node', was: undefined, is: 'v20' },
      ],
    });
  });
});
