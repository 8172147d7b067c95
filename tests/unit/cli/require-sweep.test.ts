import { describe, expect, it } from '@jest/globals';
import { requireSweep } from '../../../cli/temporal/require-sweep';

const types: Readonly<Record<string, string>> = {
  'pipeline-animals': 'pipeline',
  'pipeline-animals/sweep': 'sweep',
  'pipeline-young': 'pipeline',
  'ingest-1': 'ingest',
};
const required = (id: string): Promise<void> => requireSweep(id, (each) => Promise.resolve(types[each]));

describe('what is watched or told something as a sweep', () => {
  it('is one', async () => {
    await expect(required('pipeline-animals/sweep')).resolves.toBeUndefined();
  });

  it.each([
    ['pipeline-animals', 'pipeline-animals is a pipeline; its sweep is pipeline-animals/sweep.'],
    ['pipeline-young', 'pipeline-young is a workflow of type pipeline, no sweep.'],
    ['ingest-1', 'ingest-1 is a workflow of type ingest, no sweep.'],
    ['photos', 'No sweep photos runs: it has ended, or there was none.'],
  ])('and %s is refused in words', async (id, message) => {
    await expect(required(id)).rejects.toMatchObject({ type: 'not-found', message });
  });
});
