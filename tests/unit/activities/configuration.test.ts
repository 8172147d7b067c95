import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createConfigurationActivities } from '../../../activities/configuration';
import { openStore } from '../../../lib/storage/open-store';

let activities: ReturnType<typeof createConfigurationActivities>;
const sweep = { method: 'bayes', parameters: { lr: { min: 0.001, max: 0.01 } } };

beforeAll(async () => {
  const project = await mkdtemp(join(tmpdir(), 'drover-'));
  activities = createConfigurationActivities({
    store: openStore(join(project, 'store')),
    project,
    defaults: join(__dirname, '../../../configs'),
  });
});

describe('a sweep', () => {
  it.each([
    ['early_terminate', { type: 'hyperband', min_iter: 3 }],
    ['warm_start', ['sweep-1']],
  ])('is refused where it asks for %s, which is done by none yet', async (key, value) => {
    const refused = expect.objectContaining({
      type: 'configuration-invalid',
      message: expect.stringContaining(key),
    });
    await expect(activities.resolveSweep({ ...sweep, [key]: value })).rejects.toEqual(refused);
    const inPipeline = { source: { uri: 'sample://animals' }, sweep: { ...sweep, [key]: value } };
    await expect(activities.resolvePipeline({ config: inPipeline })).rejects.toEqual(refused);
  });

  it('suggests by its method, checks what is added, and tries it as it was given', async () => {
    const { ref } = await activities.resolveSweep(sweep);
    const suggestion = await activities.suggestTrial({ sweep: ref, trial: 1 });
    expect(suggestion?.config.lr).toBe(suggestion?.parameters['lr']);
    await expect(activities.checkTrial({ sweep: ref, parameters: { lr: 'fast' } })).rejects.toThrow(/lr/);
    expect(await activities.suggestTrial({ sweep: ref, trial: 2, parameters: { lr: 0.5 } })).toMatchObject({
      parameters: { lr: 0.5 },
      config: { lr: 0.5 },
    });
  });
});
