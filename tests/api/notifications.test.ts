import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { createNotificationsApp } from '../../api/notifications';
import { Failure } from '../../contracts/failures';
import { createLogger } from '../../lib/logging/logger';

const token = 'a-token-of-enough-characters';
let looked: string[] = [];
const logger = createLogger({ level: 'error', service: 'test' });

const app = createNotificationsApp({
  token,
  logger,
  look: async (dataset) => {
    if (dataset === 'unwatched') throw new Failure('not-found', 'Nothing watches the source of unwatched.');
    if (dataset === 'away') throw new Failure('temporal-unavailable', 'It said: no connection.');
    looked.push(dataset);
  },
});

/** As Pub/Sub pushes it. */
const push = (eventType = 'OBJECT_FINALIZE') => ({
  message: {
    attributes: { bucketId: 'pictures', objectId: 'cat/1.jpg', eventType, payloadFormat: 'JSON_API_V1' },
    data: Buffer.from('{}').toString('base64'),
    messageId: '1',
    publishTime: '2026-11-25T00:00:00Z',
  },
  subscription: 'projects/p/subscriptions/s',
});

const send = (path: string) => request(app).post(path).set('content-type', 'application/json');

beforeEach(() => {
  looked = [];
});

describe('a bucket’s notification', () => {
  it('has the watch of its dataset look, with the token as a query or as a bearer', async () => {
    await send(`/notifications/pets?token=${token}`).send(push()).expect(204);
    await send('/notifications/cars')
      .set('authorization', `Bearer ${token}`)
      .send(push('OBJECT_DELETE'))
      .expect(204);
    expect(looked).toEqual(['pets', 'cars']);
  });

  it('of something that changes no picture is taken and does nothing', async () => {
    await send(`/notifications/pets?token=${token}`).send(push('OBJECT_METADATA_UPDATE')).expect(204);
    expect(looked).toEqual([]);
  });

  it.each(['', '?token=', '?token=wrong', '?token=a&token=b', `?token[]=${token}`])(
    'without its token is refused, and starts nothing (%s)',
    async (query) => {
      const answer = await send(`/notifications/pets${query}`).send(push());
      expect(answer.status).toBe(401);
      expect(answer.body.type).toBe('/problems/token-refused');
      expect(answer.text).not.toContain(token);
      expect(looked).toEqual([]);
    },
  );

  it.each([
    ['not JSON', '{'],
    ['no message', '{}'],
    ['a list', '[]'],
    ['another message', '{"message":{"attributes":{"eventType":7}}}'],
  ])('that is none (%s) is a bad request', async (_name, body) => {
    const answer = await send(`/notifications/pets?token=${token}`).send(body);
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(looked).toEqual([]);
  });

  it('for a dataset that cannot be one, or that nothing watches, says so', async () => {
    await send(`/notifications/..%2Fpets?token=${token}`).send(push()).expect(400);
    const answer = await send(`/notifications/unwatched?token=${token}`).send(push());
    expect(answer.status).toBe(404);
    expect(answer.body.detail).toContain('Nothing watches');
  });

  it('is sent again by its sender where Temporal is away', async () => {
    await send(`/notifications/away?token=${token}`).send(push()).expect(503);
  });

  it('is refused where it is too large, and nothing else is at any other address', async () => {
    await send(`/notifications/pets?token=${token}`)
      .send(JSON.stringify({ message: { data: 'x'.repeat(300_000) } }))
      .expect(400);
    await request(app).get('/').expect(404);
    await request(app).get('/healthz').expect(200);
  });
});
