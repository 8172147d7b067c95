import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createApp } from '../../api/app';
import { createLatestLook } from '../../api/drift/latest-look';
import { createGuard } from '../../api/guard/guard';
import { Failure } from '../../contracts/failures';
import { driftAnswerSchema } from '../../contracts/schemas/drift-answer';
import { writeFollowUp, writeLook } from '../../lib/monitor/records';
import type { Store } from '../../lib/storage/store';
import { lookOf } from '../support/drifting';
import { listeningLogger, openServedRegistry, type ServedRegistry, until } from './served';

let served: ServedRegistry;
/** How the store is away. */
let away: 'refused' | Promise<undefined> | undefined;
let app: Express;
let patient: Express;
let strict: Express;

beforeAll(async () => {
  served = await openServedRegistry();
  const store: Store = {
    ...served.store,
    readVersioned: async (key) => {
      if (away === 'refused') throw new Failure('storage-unavailable', 'The bucket is away.');
      if (away !== undefined) return away;
      return served.store.readVersioned(key);
    },
  };
  const { logger } = listeningLogger();
  const models = served.follow();
  const drift = createLatestLook({ store, model: 'animals', logger, fresh: 0 });
  app = createApp({ models, logger, drift, limits: { maxUploadBytes: 20_000 } });
  const slow = createLatestLook({ store, model: 'animals', logger, patience: 60_000 });
  patient = createApp({ models, logger, drift: slow, limits: { maxUploadBytes: 20_000 } });
  const guard = await createGuard({
    settings: {
      apiKeysAlso: [],
      trustedProxies: [],
      corsOrigins: [],
      apiKeys: undefined,
      rateLimit: { requests: 1, seconds: 60 },
    },
    logger,
  });
  strict = createApp({ models, logger, drift, guard, limits: { maxUploadBytes: 20_000 } });
});

afterAll(async () => {
  await served.close();
});

const driftLines = async (): Promise<string[]> =>
  (await request(app).get('/metrics')).text.split('\n').filter((line) => line.startsWith('drover_drift'));

describe('drift, as the API tells it', () => {
  it('is that nobody has looked, before anybody has', async () => {
    const { status, body } = await request(app).get('/v1/drift');
    expect([status, body.type]).toEqual([404, '/problems/not-found']);
    expect(body.detail).toContain('npx drover monitor run');
    expect(await driftLines()).toEqual([]);
  });

  it('is the last look, with its checks and what followed, and not a dry run', async () => {
    const look = lookOf({ id: '20260102-1', verdict: 'drift', policy: 'ask' });
    await writeLook(served.store, look);
    await writeFollowUp(served.store, {
      ...{ look: look.id, model: 'animals', version: 2, workflow: 'retrain-animals-v2' },
      ...{ state: 'waiting', since: look.at, reminders: 0, reason: 'because' },
    });
    await writeLook(served.store, {
      ...lookOf({ id: '20260103-1', verdict: 'quiet', dryRun: true }),
      at: '2026-01-03T00:00:00.000Z',
    });
    const { status, body } = await request(app).get('/v1/drift');
    expect(status).toBe(200);
    expect(driftAnswerSchema.strict().parse(body)).toMatchObject({
      ...{ look: '20260102-1', verdict: 'drift', policy: 'ask', followed: { state: 'waiting' } },
      checks: [
        { id: 'brightness', verdict: 'drift' },
        { id: 'size', verdict: 'quiet' },
      ],
    });
  });

  it('is told to Prometheus, check by check', async () => {
    const lines = await driftLines();
    const of = 'model="animals",version="2"';
    expect(lines).toContain(`drover_drift_found{${of}} 1`);
    expect(lines).toContain(
      `drover_drift_look_timestamp_seconds{${of}} ${Date.parse('2026-01-02T03:04:05Z') / 1000}`,
    );
    expect(lines).toContain(`drover_drift_check_found{${of},check="brightness",kind="pictures"} 1`);
    expect(lines).toContain(`drover_drift_check_found{${of},check="size",kind="pictures"} 0`);
    expect(lines).toContain(
      `drover_drift_check_statistic{${of},check="size",kind="pictures",measure="KS"} 0.03`,
    );
    expect(lines).toContain(`drover_drift_window_pictures{${of},what="compared"} 500`);
    expect(lines).toContain(`drover_drift_waits_for_person{${of}} 1`);
  });

  it('is a problem while the store is away, and metrics tell what was known', async () => {
    away = 'refused';
    try {
      const { status, body, headers } = await request(app).get('/v1/drift');
      expect([status, body.type]).toEqual([503, '/problems/storage-unavailable']);
      expect(headers['retry-after']).toBeDefined();
      expect(await driftLines()).toContain('drover_drift_found{model="animals",version="2"} 1');
    } finally {
      away = undefined;
    }
  });

  it('keeps nobody waiting who asks for metrics, while the store says nothing', async () => {
    let answer: (found: undefined) => void = () => undefined;
    away = new Promise((resolve) => {
      answer = resolve;
    });
    await request(patient).get('/metrics').expect(200);
    answer(undefined);
    away = undefined;
  });

  it('neither says that there is drift nor that there is none where there were too few', async () => {
    await writeLook(served.store, {
      ...lookOf({ id: '20260104-1', verdict: 'too-few' }),
      at: '2026-01-04T00:00:00.000Z',
    });
    await until(async () => !(await driftLines()).some((line) => line.startsWith('drover_drift_found')));
    const lines = await driftLines();
    expect(lines).toContain('drover_drift_too_few{model="animals",version="2"} 1');
    // A person is still asked because of the look before.
    expect((await request(app).get('/v1/drift')).body).toMatchObject({
      verdict: 'too-few',
      followed: { state: 'waiting' },
    });
  });

  it('stays behind what guards the API', async () => {
    await request(strict).get('/v1/drift').expect(200);
    await request(strict).get('/v1/drift').expect(429);
  });
});
