import request from 'supertest';
import { describe, expect, it } from '@jest/globals';
import { createCodecApp, type CodecOptions } from '../../api/codec/app';
import { createLogger } from '../../lib/logging/logger';
import { createPayloadCodec } from '../../lib/payloads/codec';
import { newPayloadKey, parsePayloadKeys } from '../../lib/payloads/keys';

const ui = 'http://127.0.0.1:8233';
const codec = createPayloadCodec(parsePayloadKeys(newPayloadKey('one'), 'keys'));
const app = (more: Partial<CodecOptions> = {}) =>
  createCodecApp({ codec, uis: [ui], logger: createLogger({ level: 'error', service: 'test' }), ...more });
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const plain = { metadata: { encoding: base64('json/plain') }, data: base64('"a picture"') };

describe('the codec server', () => {
  it('encodes and decodes in the JSON of the protocol', async () => {
    const encoded = await request(app())
      .post('/encode')
      .send({ payloads: [plain] });
    expect(encoded.status).toBe(200);
    expect(encoded.text).not.toContain(plain.data);
    expect(encoded.body).toMatchObject({
      payloads: [{ metadata: { encoding: base64('binary/encrypted'), 'encryption-key-id': base64('one') } }],
    });
    const decoded = await request(app()).post('/decode').send(encoded.body);
    expect(decoded.body).toEqual({ payloads: [plain] });
    expect(decoded.headers['cache-control']).toBe('no-store');
  });

  it("answers a browser on the UI's page, after its preflight, with what the UI sends", async () => {
    const asked = await request(app())
      .options('/decode')
      .set('Origin', ui)
      .set('Access-Control-Request-Method', 'POST')
      .set('Access-Control-Request-Headers', 'content-type,x-namespace');
    expect(asked.status).toBe(204);
    expect(asked.headers['access-control-allow-origin']).toBe(ui);
    expect(asked.headers['access-control-allow-headers']).toMatch(/X-Namespace/);
    const posted = await request(app()).post('/decode').set('Origin', ui).send({ payloads: [] });
    expect(posted.headers['access-control-allow-origin']).toBe(ui);
    expect(posted.body).toEqual({ payloads: [] });
  });

  it.each(['https://elsewhere.example', 'null', 'http://127.0.0.1:8234'])(
    'refuses a page of %s, in the preflight and after it',
    async (origin) => {
      for (const answer of [
        await request(app()).options('/decode').set('Origin', origin),
        await request(app()).post('/decode').set('Origin', origin).send({ payloads: [] }),
      ]) {
        expect(answer.status).toBe(403);
        expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      }
    },
  );

  it('answers only by names that it knows', async () => {
    const asked = (names: readonly string[]) =>
      request(app({ names })).post('/decode').set('Host', 'codec.example.com').send({ payloads: [] });
    expect((await asked([])).status).toBe(400);
    expect((await asked(['codec.example.com'])).status).toBe(200);
  });

  it('asks for the token where there is one, but not in the preflight', async () => {
    const token = 'a token of 16 or more';
    const post = () => request(app({ token })).post('/decode');
    expect((await post().send({ payloads: [] })).status).toBe(401);
    expect((await post().set('Authorization', 'Bearer another').send({ payloads: [] })).status).toBe(401);
    expect((await post().set('Authorization', `Bearer ${token}`).send({ payloads: [] })).status).toBe(200);
    expect((await request(app({ token })).options('/decode').set('Origin', ui)).status).toBe(204);
    expect((await request(app({ token })).get('/healthz')).status).toBe(200);
  });

  it.each([
    ['no JSON', 'payloads'],
    ['another shape', { payloads: [{ data: 1 }] }],
    ['what is no base64', { payloads: [{ metadata: {}, data: '€' }] }],
  ])('refuses %s', async (_what, body) => {
    const answer = await request(app()).post('/decode').set('Content-Type', 'application/json').send(body);
    expect(answer.status).toBe(400);
    expect(answer.type).toBe('application/problem+json');
  });

  it('refuses what a form of another site could send', async () => {
    const answer = await request(app())
      .post('/decode')
      .set('Content-Type', 'text/plain')
      .send(JSON.stringify({ payloads: [] }));
    expect(answer.status).toBe(400);
  });

  it('says which key is missing', async () => {
    const other = createPayloadCodec(parsePayloadKeys(newPayloadKey('two'), 'keys'));
    const encoded = await request(app({ codec: other }))
      .post('/encode')
      .send({ payloads: [plain] });
    const answer = await request(app()).post('/decode').send(encoded.body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ detail: expect.stringContaining('"two"') });
  });
});
