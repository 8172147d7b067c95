import { describe, expect, it } from '@jest/globals';
import { deployConfigSchema } from '../../../contracts/schemas/deployment';

const cloud = {
  ...{ project: 'pets-12345', region: 'europe-west1', service: 'pets' },
  image: `europe-west1-docker.pkg.dev/pets-12345/drover/api@sha256:${'0'.repeat(64)}`,
};

describe('a configuration of deployments', () => {
  it.each([
    ['smoke.within', { smoke: { within: '16m' } }],
    ['cloud_run.ready_within', { cloud_run: { ...cloud, ready_within: '1h' } }],
  ])('refuses a %s that a step is given up before', (key, config) => {
    const { error } = deployConfigSchema.safeParse(config);
    expect(error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual([
      `${key}: expected at most 15m: a step that takes longer is given up`,
    ]);
  });

  it('takes the longest that a step has time for', () => {
    const longest = { smoke: { within: '15m' }, cloud_run: { ...cloud, ready_within: '900s' } };
    expect(deployConfigSchema.safeParse(longest).success).toBe(true);
  });
});
