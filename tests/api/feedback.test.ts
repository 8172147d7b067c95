import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import express, { type ErrorRequestHandler } from 'express';
import { Registry } from 'prom-client';
import request from 'supertest';
import { feedbackRoute } from '../../api/feedback';
import { toProblem } from '../../api/problem';
import { createSpoolMetrics } from '../../api/spool-metrics';
import { SpoolCounts } from '../../lib/predictions/counts';
import { readPredictions } from '../../lib/predictions/read';
import { startShipper } from '../../lib/predictions/ship';
import type { Spool } from '../../lib/predictions/spool';
import { createFolderStore } from '../../lib/storage/folder-store';
import { answerRecord, testSpool } from '../support/kept';
import { listeningLogger } from './served';

const id = '6f0c5a8e-3a52-4c11-9d0e-5f6f4c6f5f10';
let home: string;
let counts: SpoolCounts;
let spool: Spool;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'drover-feedback-'));
  counts = new SpoolCounts();
  spool = testSpool(join(home, 'spool'), { counts });
});

afterEach(async () => {
  spool.close();
  await rm(home, { recursive: true, force: true });
});

const answerProblem: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  const problem = toProblem(error, id);
  response.status(problem.status).json(problem);
};

function tell(body: unknown, { of = id, to = spool, by = '' } = {}) {
  const models = { current: () => ({ classes: ['cat', 'dog'] }) };
  const route = feedbackRoute({ spool: to, models, whoAsks: () => (by === '' ? undefined : by) });
  const app = express().post('/v1/predictions/:id/feedback', route).use(answerProblem);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return request(app).post(`/v1/predictions/${of}/feedback`).type('application/json').send(text);
}

describe('POST /v1/predictions/{id}/feedback', () => {
  it('keeps the label, so that it is found with its prediction, which it need not know', async () => {
    const record = answerRecord();
    const answer = await tell(
      { label: 'dog', note: 'seen from behind' },
      { of: record.id.toUpperCase(), by: 'ada' },
    );
    expect([answer.status, answer.body]).toEqual([
      202,
      {
        kind: 'feedback',
        id: record.id,
        at: expect.any(String),
        label: 'dog',
        by: 'ada',
        note: 'seen from behind',
      },
    ]);
    spool.keep(record);
    spool.close();
    const store = createFolderStore(join(home, 'store'));
    const { logger } = listeningLogger();
    const shipper = startShipper({ folder: join(home, 'spool'), store, counts, keepDays: 30, logger });
    await shipper.close();
    for await (const { label, feedback } of readPredictions(store)) {
      expect([label, feedback]).toEqual(['dog', [answer.body]]);
    }
    expect(counts.get('shipped')).toBe(2);
  });

  it('takes a class that the model does not know only where that is meant', async () => {
    expect((await tell({ label: 'polar-bear', new_class: true })).status).toBe(202);
    expect((await tell({ label: 'Polar bear', new_class: true })).body).toMatchObject({
      type: '/problems/label-unknown',
    });
    const { status, body } = await tell({ label: 'polar-bear' });
    expect([status, body.type]).toEqual([400, '/problems/label-unknown']);
    expect(body.detail).toMatch(/cat, dog.*"new_class": true/s);
  });

  it.each<[string, unknown, string?]>([
    ['no UUID', { label: 'dog' }, 'latest'],
    ['no JSON', '{"label": "dog"'],
    ['nothing', ''],
    ['a list', []],
    ['no label', { note: 'a dog' }],
    ['a key that means nothing', { label: 'dog', sure: true }],
    ['a long note', { label: 'dog', note: 'x'.repeat(501) }],
    ['more than 4 kB', { label: 'dog', note: 'x'.repeat(5000) }],
  ])('refuses %s', async (_what, body, of = id) => {
    const answer = await tell(body, { of });
    expect([answer.status, answer.body.type]).toEqual([400, '/problems/request-invalid']);
    expect(counts.get('kept')).toBe(0);
  });

  it('does not say that it is kept where it is not', async () => {
    const full = testSpool(join(home, 'full'), { counts, maxBytes: 10 });
    const answer = await tell({ label: 'dog' }, { to: full });
    expect([answer.status, answer.body.type]).toEqual([503, '/problems/feedback-not-kept']);
    const registry = new Registry();
    createSpoolMetrics(registry, counts);
    expect(await registry.metrics()).toContain('drover_kept_records_dropped_total{reason="full"} 1');
  });
});

it('says so where nothing is kept', async () => {
  const app = express()
    .post(
      '/v1/predictions/:id/feedback',
      feedbackRoute({ spool: undefined, models: { current: () => undefined } }),
    )
    .use(answerProblem);
  const answer = await request(app).post(`/v1/predictions/${id}/feedback`).send({ label: 'dog' });
  expect([answer.status, answer.body.type]).toEqual([404, '/problems/not-found']);
});
