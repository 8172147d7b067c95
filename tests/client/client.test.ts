import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createClient } from '../../lib/client/client';
import { ProblemError } from '../../lib/client/problem-error';
import { waitBefore } from '../../lib/client/retry';

/** One answer of a service that is not there: status, headers, body. */
type Scripted = readonly [number, Readonly<Record<string, string>>, string];

const prediction = {
  id: '6f0c5a8e-3a52-4c11-9d0e-5f6f4c6f5f10',
  prediction: 'red',
  probabilities: { red: 1 },
  model: { name: 'colors', version: 1, digest: 'a'.repeat(64) },
};
const answer: Scripted = [200, { 'Content-Type': 'application/json' }, JSON.stringify(prediction)];
const problem = (status: number, type: string) =>
  JSON.stringify({
    type: `/problems/${type}`,
    title: 'No',
    status,
    detail: 'Not so.',
    instance: 'urn:uuid:1',
  });
const refusal = (status: number, type: string, headers = {}): Scripted => [
  status,
  { 'Content-Type': 'application/problem+json; charset=utf-8', ...headers },
  problem(status, type),
];

let server: Server | undefined;
let asked: { readonly request: IncomingMessage; readonly body: string }[] = [];

/** A service that gives these answers, one after the other; undefined breaks the connection. */
async function serving(...answers: (Scripted | undefined)[]): Promise<string> {
  asked = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const next = answers[asked.length];
      asked.push({ request, body: Buffer.concat(chunks).toString('latin1') });
      if (next === undefined) request.socket.destroy();
      else response.writeHead(next[0], next[1]).end(next[2]);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const picture = Buffer.from('a picture');

describe('the client', () => {
  it('has the types of the document as it is now', async () => {
    const root = join(__dirname, '../..');
    // In a process of its own: what makes them is an ES module, which Jest does not load.
    const made = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', 'tests/client/write-types.ts', '--print'],
      { cwd: root },
    );
    // Where they differ: npm run client
    expect(await readFile(join(root, 'lib/client/schema.d.ts'), 'utf8')).toBe(made.stdout);
  });

  it('sends a picture in the field image, with its name and the key', async () => {
    const client = createClient({ url: `${await serving(answer)}/`, apiKey: 'key-1' });
    expect(await client.predict({ bytes: picture, name: 'red.png' })).toEqual(prediction);
    const [{ request, body }] = asked as [(typeof asked)[number]];
    expect(`${request.method} ${request.url}`).toBe('POST /get_prediction');
    expect(request.headers.authorization).toBe('Bearer key-1');
    expect(body).toMatch(/name="image"; filename="red\.png"[\s\S]*\r\n\r\na picture\r\n/);
  });

  it('tries again where there is no room, and where the connection breaks', async () => {
    const client = createClient({
      url: await serving(refusal(503, 'busy', { 'Retry-After': '0' }), undefined, answer),
    });
    expect(await client.predict(picture)).toEqual(prediction);
    expect(asked.map(({ body }) => body.includes('a picture'))).toEqual([true, true, true]);
  });

  it('gives up with the refusal after as many tries as it may, and at once on one that stays', async () => {
    const busy = refusal(503, 'busy', { 'Retry-After': '0' });
    const twice = createClient({ url: await serving(busy, busy, busy), tries: 2 });
    await expect(twice.predict(picture)).rejects.toMatchObject({
      name: 'ProblemError',
      type: 'busy',
      status: 503,
    });
    expect(asked).toHaveLength(2);
    server?.close();
    const refused = createClient({ url: await serving(refusal(415, 'picture-unreadable'), answer) });
    await expect(refused.predict(picture)).rejects.toThrow('No. Not so.');
    expect(asked).toHaveLength(1);
  });

  it('throws the refusal where the service asks for more patience than there is', async () => {
    const client = createClient({
      url: await serving(refusal(503, 'model-unavailable', { 'Retry-After': '60' }), answer),
      longestWaitMs: 1_000,
    });
    await expect(client.model()).rejects.toBeInstanceOf(ProblemError);
    expect(asked).toHaveLength(1);
  });

  it('makes a problem of what something before the service answers, and follows no redirect with its key', async () => {
    const proxy = createClient({ url: await serving([502, { 'Content-Type': 'text/html' }, '<h1>no</h1>']) });
    const error = await proxy.predict(picture).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 502, type: undefined, problem: { title: 'Bad Gateway' } });
    server?.close();
    const moved = createClient({
      url: await serving([307, { Location: 'http://127.0.0.1:9/' }, '']),
      apiKey: 'key-1',
      tries: 1,
    });
    await expect(moved.predict(picture)).rejects.toThrow('fetch failed');
    expect(asked).toHaveLength(1);
  });

  it('ends a wait between two tries when it is told to', async () => {
    const stop = new AbortController();
    const client = createClient({ url: await serving(refusal(503, 'busy', { 'Retry-After': '20' })) });
    const answered = client.predict(picture, { signal: stop.signal });
    while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    await expect(answered).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('the wait before another try', () => {
  const patience = { tries: 5, longestWaitMs: 10_000 };
  it.each([
    ['as long as seconds say', 1, '3', 0, 3_000],
    ['up to half as long again', 1, '3', 0.999999, 4_500],
    ['as long as a date says', 1, 'Wed, 25 Nov 2026 12:00:02 GMT', 0, 2_000],
    ['doubled with each try where nothing is said', 3, null, 0, 800],
    ['never longer than the longest', 9, null, 0.5, 10_000],
    ['none where more is asked for than there is', 1, '11', 0, undefined],
  ] as const)('is %s', (_name, attempt, header, random, expected) => {
    const now = Date.parse('2026-11-25T12:00:00Z');
    expect(waitBefore(attempt, header, patience, random, now)).toBe(expected);
  });
});
