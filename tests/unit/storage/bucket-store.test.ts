import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Storage } from '@google-cloud/storage';
import { bucketFailure } from '../../../lib/storage/bucket-failures';
import { createBucketStore } from '../../../lib/storage/bucket-store';
import type { Store } from '../../../lib/storage/store';

/** Google, badly: answers each request by the next of `answers`; what the emulator can't be made to do. */
type Answer = (request: IncomingMessage, body: string, response: ServerResponse) => void;

let server: Server | undefined;
afterEach(() => {
  server?.close();
});

async function storeAgainst(answers: Answer[]): Promise<Store> {
  const google = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const answer = answers.shift();
      if (answer === undefined) response.writeHead(500).end('asked once too often');
      else answer(request, Buffer.concat(chunks).toString(), response);
    });
  });
  server = google;
  await new Promise<void>((resolve) => google.listen(0, '127.0.0.1', resolve));
  const address = google.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const storage = new Storage({
    apiEndpoint: `http://127.0.0.1:${port}`,
    projectId: 'test',
    retryOptions: { autoRetry: false },
  });
  return createBucketStore({
    bucket: 'bucket',
    prefix: 'p',
    storage,
    retry: { attempts: 3, firstWaitMs: 1 },
    stallMs: 200,
  });
}

const status =
  (code: number): Answer =>
  (_request, _body, response) =>
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { code } }));

const json =
  (value: unknown): Answer =>
  (_request, _body, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));

const hangUp: Answer = (request) => request.socket.destroy();

const content =
  (text: string, generation: string): Answer =>
  (_request, _body, response) =>
    response.writeHead(200, { 'x-goog-generation': generation }).end(text);

describe('a store in a bucket', () => {
  it('asks again after an overload and after a lost connection', async () => {
    const store = await storeAgainst([status(503), hangUp, content('text', '7')]);
    expect(await store.readVersioned('key')).toEqual({ bytes: Buffer.from('text'), generation: '7' });
  });

  it('asks again where the connection is cut, or falls silent, in the middle of an object', async () => {
    const part =
      (after: (request: IncomingMessage) => void): Answer =>
      (request, _body, response) => {
        response.writeHead(200, { 'x-goog-generation': '7', 'content-length': '100' });
        response.write('some of it', () => {
          after(request);
        });
      };
    const cut = part((request) => request.socket.destroy());
    const store = await storeAgainst([cut, part(() => undefined), content('all of it', '7')]);
    expect(String(await store.read('key'))).toBe('all of it');
  });

  it('gives up in the end, and says that the store did not answer', async () => {
    const store = await storeAgainst([status(503), status(429), status(500), content('too late', '1')]);
    await expect(store.read('key')).rejects.toMatchObject({ type: 'storage-unavailable' });
  });

  it('does not ask again where it is not allowed in, and says which role is needed', async () => {
    const answers = [status(403), content('never', '1')];
    const store = await storeAgainst(answers);
    await expect(store.write('key', Buffer.from('x'))).rejects.toThrow(/roles\/storage\.objectUser/);
    expect(answers).toHaveLength(1);
  });

  it.each([
    new Error('Could not load the default credentials. Browse to …'),
    Object.assign(new Error('invalid_grant'), { code: 400 }),
  ])('says how to sign in where Google’s client has nothing to sign in with: %s', (error) => {
    expect(bucketFailure(error, 'gs://bucket', 'key')).toMatchObject({
      type: 'storage-unavailable',
      message: expect.stringContaining('gcloud auth application-default login'),
    });
  });

  it('knows its own write again after the answer to it was lost', async () => {
    let writer: unknown;
    const store = await storeAgainst([
      (request, body) => {
        writer = /"drover-writer":\s*"([^"]+)"/.exec(body)?.[1];
        request.socket.destroy();
      },
      status(412),
      (request, body, response) => {
        json({ generation: '5', metadata: { 'drover-writer': writer } })(request, body, response);
      },
    ]);
    expect(await store.compareAndSwap('key', Buffer.from('x'), '4')).toBe('5');
    expect(writer).toBeDefined();
  });

  it('takes another’s write for another’s, after a lost answer too', async () => {
    const store = await storeAgainst([
      hangUp,
      status(412),
      json({ generation: '5', metadata: { 'drover-writer': 'someone else' } }),
    ]);
    expect(await store.create('key', Buffer.from('x'))).toBe(false);
  });

  it('lists every page, without the store’s own prefix', async () => {
    const asked: string[] = [];
    const page =
      (value: unknown): Answer =>
      (request, body, response) => {
        asked.push(String(request.url));
        json(value)(request, body, response);
      };
    const store = await storeAgainst([
      page({ items: [{ name: 'p/a/1' }, { name: 'p/a/2' }], nextPageToken: 'more' }),
      status(503),
      page({ items: [{ name: 'p/a/3' }] }),
    ]);
    const found: string[] = [];
    for await (const key of store.list('a/')) found.push(key);
    expect(found).toEqual(['a/1', 'a/2', 'a/3']);
    expect(asked[0]).toContain('prefix=p%2Fa%2F');
    expect(asked[1]).toContain('pageToken=more');
  });

  it('lists sizes by the same requests, and none for an object', async () => {
    const store = await storeAgainst([
      json({ items: [{ name: 'p/a/1', size: '12' }], nextPageToken: 'more' }),
      json({ items: [{ name: 'p/a/2', size: '0' }] }),
    ]);
    const found: unknown[] = [];
    for await (const object of store.listSizes('a/')) found.push(object);
    expect(found).toEqual([
      { key: 'a/1', bytes: 12 },
      { key: 'a/2', bytes: 0 },
    ]);
  });
});
