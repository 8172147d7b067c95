import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSource } from '../../../lib/data/sources/open-source';
import { zipOf } from '../../support/archives';
import { listPictures } from '../../support/pictures';
import { sourceOptionsFor } from '../../support/source-options';
import { startWebServer, type WebServer } from '../../support/web-server';

let root: string;
let server: WebServer | undefined;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-bucket-archive-'));
});

afterEach(async () => {
  await server?.stop();
  await rm(root, { recursive: true, force: true });
});

const zip = (text: string): Buffer => zipOf([{ name: 'cat/a.jpg', bytes: Buffer.from(text), method: 0 }]);

/**
 * A bucket of one archive, whose generations are those given. Of the first, `sent` bytes come before the next takes its place:
 * the emulator can't be made to do that.
 */
async function bucketOf(generations: readonly Buffer[], sent: number): Promise<void> {
  let at = 0;
  const replace = (): void => {
    at += 1;
  };
  server = await startWebServer((request: IncomingMessage, response: ServerResponse) => {
    const bytes = generations[at];
    const asked = new URL(request.url ?? '', 'http://host').searchParams;
    if (asked.get('alt') !== 'media') {
      if (bytes === undefined) return response.writeHead(404).end();
      response.writeHead(200, { 'content-type': 'application/json' });
      return response.end(
        JSON.stringify({ name: 'set.zip', size: String(bytes.length), generation: String(at + 1) }),
      );
    }
    if (asked.get('generation') !== String(at + 1) || bytes === undefined)
      return response.writeHead(404).end();
    if (at > 0) return response.writeHead(200).end(bytes);
    replace();
    if (sent === 0) return response.writeHead(404).end();
    response.writeHead(200, { 'content-length': bytes.length });
    return response.write(bytes.subarray(0, sent), () => request.socket.destroy());
  });
}

async function read(): Promise<string> {
  const times = { connectMs: 1000, headersMs: 400, stallMs: 400, attempts: 3, firstWaitMs: 1 };
  const options = sourceOptionsFor(root, { times, gcsEndpoint: server?.origin });
  const source = await openSource({ uri: 'gs://somebodys/set.zip' }, options);
  const [first] = await listPictures(source);
  return String(await first?.bytes());
}

describe('an archive in a bucket', () => {
  it.each([0, 20])('that is replaced after %i bytes of it were read is the new one', async (sent) => {
    await bucketOf([zip('the first'), zip('the second')], sent);
    expect(await read()).toBe('the second');
  });

  it('that is removed while it is read is said to be gone', async () => {
    await bucketOf([zip('the only one')], 20);
    await expect(read()).rejects.toMatchObject({
      type: 'source-invalid',
      message: 'There is no object "set.zip" in gs://somebodys.',
    });
  });

  it('that is replaced again and again is tried again later', async () => {
    let generation = 0;
    server = await startWebServer((request, response) => {
      generation += 1;
      if (request.url?.includes('alt=media') === true) return response.writeHead(404).end();
      response.writeHead(200, { 'content-type': 'application/json' });
      return response.end(JSON.stringify({ name: 'set.zip', size: '9', generation: String(generation) }));
    });
    await expect(read()).rejects.toMatchObject({
      type: 'source-unavailable',
      retryable: true,
      message: expect.stringContaining(
        '"set.zip" in gs://somebodys was replaced or removed while it was read',
      ),
    });
  });
});
