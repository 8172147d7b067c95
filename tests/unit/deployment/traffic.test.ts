import { describe, expect, it } from '@jest/globals';
import { withModel } from '../../../lib/deployment/cloud-run/template';
import {
  sameTraffic,
  soleRevision,
  trafficAt,
  trafficBack,
  trafficSettled,
  trafficText,
} from '../../../lib/deployment/cloud-run/traffic';

const canary = {
  revision: 'pets-v3',
  tag: 'candidate',
  old: 'pets-v2',
  original: [
    { to: 'latest' as const, percent: 100 },
    { to: { revision: 'pets-v1' }, percent: 0, tag: 'before' },
  ],
};

describe('traffic of a canary', () => {
  it.each([0, 1, 10, 50, 99, 100])('adds up to 100 at %i %, and keeps the addresses of others', (percent) => {
    const shares = trafficAt(canary, percent);
    expect(shares.reduce((sum, share) => sum + share.percent, 0)).toBe(100);
    expect(shares).toContainEqual({ to: { revision: 'pets-v3' }, percent, tag: 'candidate' });
    expect(shares).toContainEqual({ to: { revision: 'pets-v1' }, percent: 0, tag: 'before' });
  });

  it('goes back to the old revision by its name: `latest` would be the one that failed', () => {
    expect(trafficBack(canary)).toEqual([
      { to: { revision: 'pets-v2' }, percent: 100 },
      { to: { revision: 'pets-v1' }, percent: 0, tag: 'before' },
    ]);
  });

  it('tells every state that it leaves from every other, so that a late repetition of a step changes nothing', () => {
    const states = [
      canary.original,
      ...[0, 10, 50, 100].map((percent) => trafficAt(canary, percent)),
      trafficBack(canary),
      trafficSettled(canary),
    ];
    for (const [at, one] of states.entries()) {
      for (const [other, another] of states.entries()) expect(sameTraffic(one, another)).toBe(at === other);
    }
  });

  it('finds the one revision that answers everything, and none where two do', () => {
    expect(soleRevision([{ to: 'latest', percent: 100 }], 'pets-v2')).toBe('pets-v2');
    expect(soleRevision(canary.original, 'pets-v2')).toBe('pets-v2');
    expect(soleRevision(trafficAt(canary, 10), 'pets-v3')).toBeUndefined();
    expect(trafficText(trafficAt(canary, 10))).toBe('90 % pets-v2, 10 % pets-v3');
  });
});

describe('the template of a new revision', () => {
  const made = {
    revision: 'pets-v3',
    cloud: { image: 'api@sha256:1' },
    store: 'gs://pets',
    model: 'animals',
    version: 3,
  };

  it('changes image and model of the container that takes requests, and keeps all else', () => {
    const template = withModel(
      {
        serviceAccount: 'pets@',
        containers: [
          { name: 'proxy', image: 'proxy' },
          {
            image: 'api:old',
            ports: [{ containerPort: 8080 }],
            env: [
              { name: 'DROVER_MODEL_VERSION', value: '2' },
              { name: 'SECRET', valueSource: { secretKeyRef: { secret: 'token' } } },
            ],
          },
        ],
      },
      made,
    );
    expect(template).toMatchObject({
      revision: 'pets-v3',
      serviceAccount: 'pets@',
      containers: [{ name: 'proxy', image: 'proxy' }, { image: 'api@sha256:1' }],
    });
    expect(template.containers?.[1]?.env).toEqual([
      { name: 'SECRET', valueSource: { secretKeyRef: { secret: 'token' } } },
      { name: 'DROVER_STORE', value: 'gs://pets' },
      { name: 'DROVER_MODEL', value: 'animals' },
      { name: 'DROVER_MODEL_VERSION', value: '3' },
    ]);
  });

  it('is ready only once its model is loaded, unless the service has a probe of its own', () => {
    expect(withModel({ containers: [{}] }, made).containers?.[0]?.startupProbe?.httpGet?.path).toBe(
      '/readyz',
    );
    const own = { tcpSocket: { port: 8080 } };
    expect(withModel({ containers: [{ startupProbe: own }] }, made).containers?.[0]?.startupProbe).toBe(own);
  });
});
