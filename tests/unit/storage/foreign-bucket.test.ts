import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Failure } from '../../../contracts/failures';
import { openCrc32c } from '../../../lib/storage/crc32c';
import {
  openForeignBucket,
  type BucketObject,
  type ForeignBucket,
} from '../../../lib/storage/foreign-bucket';
import { startWebServer, type WebServer } from '../../support/web-server';

const servers: WebServer[] = [];
const bytes = Buffer.from('the bytes of an object');
const md5 = createHash('md5').update(bytes).digest('base64');
const object: BucketObject = { name: 'a.jpg', size: bytes.length, generation: '7', md5, crc32c: undefined };

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

/** A bucket whose host answers as the test says: what the emulator can't be made to do. */
async function bucketOf(
  listener: (request: IncomingMessage, response: ServerResponse, number: number) => unknown,
): Promise<{ readonly bucket: ForeignBucket; readonly server: WebServer }> {
  let number = 0;
  const server = await startWebServer((request, response) => {
    number += 1;
    return listener(request, response, number);
  });
  servers.push(server);
  const retry = { attempts: 4, firstWaitMs: 1 };
  return {
    bucket: openForeignBucket('somebodys', { gcsEndpoint: server.origin, retry, stallMs: 300 }),
    server,
  };
}

async function listed(bucket: ForeignBucket): Promise<BucketObject[]> {
  const found: BucketObject[] = [];
  for await (const one of bucket.list('pets/')) found.push(one);
  return found;
}

describe('a bucket that is read', () => {
  it('is listed through pages, and through 429, 503 and cut connections', async () => {
    const { bucket } = await bucketOf((request, response, number) => {
      if (number === 1) return response.writeHead(429).end();
      if (number === 2) return response.writeHead(503).end();
      if (number === 4) return request.socket.destroy();
      const page = new URL(request.url ?? '', 'http://host').searchParams.get('pageToken');
      const items = [
        { name: page === null ? 'pets/a' : 'pets/b', size: '3', generation: '9', crc32c: 'AAAAAA==' },
      ];
      response.writeHead(200, { 'content-type': 'application/json' });
      return response.end(JSON.stringify({ items, ...(page === null && { nextPageToken: 'next' }) }));
    });
    expect(await listed(bucket)).toEqual([
      { name: 'pets/a', size: 3, generation: '9', md5: undefined, crc32c: 'AAAAAA==' },
      { name: 'pets/b', size: 3, generation: '9', md5: undefined, crc32c: 'AAAAAA==' },
    ]);
  });

  it('is read by generation, again where the connection is cut or the bytes are not the listed ones', async () => {
    const { bucket, server } = await bucketOf((request, response, number) => {
      if (number === 1) return response.writeHead(503).end();
      response.writeHead(200, { 'content-length': bytes.length });
      if (number === 2) return response.write(bytes.subarray(0, 5), () => request.socket.destroy());
      return response.end(number === 3 ? Buffer.alloc(bytes.length) : bytes);
    });
    expect(await bucket.read(object)).toEqual(bytes);
    expect(server.requests).toHaveLength(4);
    expect(server.requests.every(({ url }) => url?.includes('generation=7'))).toBe(true);
  });

  it('gives nothing where the object has gone, or other bytes than its MD5 or CRC-32C', async () => {
    const gone = await bucketOf((_, response) => response.writeHead(404).end());
    expect(await gone.bucket.read(object)).toBeUndefined();
    expect(gone.server.requests).toHaveLength(1);
    const other = await bucketOf((_, response) => response.writeHead(200).end(Buffer.alloc(bytes.length)));
    expect(await other.bucket.read(object)).toBeUndefined();
    const sum = await openCrc32c();
    sum.update(bytes);
    const composed = { ...object, md5: undefined, crc32c: sum.toString() };
    expect(await other.bucket.read(composed)).toBeUndefined();
    const right = await bucketOf((_, response) => response.writeHead(200).end(bytes));
    expect(await right.bucket.read(composed)).toEqual(bytes);
  });

  it('holds no more of an object than was listed', async () => {
    const { bucket } = await bucketOf((_, response) => {
      response.writeHead(200);
      for (let piece = 0; piece < 100; piece += 1) response.write(Buffer.alloc(100_000));
      return response.end();
    });
    expect(await bucket.read(object)).toBeUndefined();
  });

  it.each([
    [404, 'source-invalid', /no bucket/],
    [403, 'source-invalid', /roles\/storage.objectViewer/],
    [401, 'source-invalid', /application-default login/],
    [400, 'source-invalid', /does not understand/],
    [503, 'source-unavailable', /did not answer/],
  ] as const)('says what %i means for a source', async (status, type, says) => {
    const { bucket, server } = await bucketOf((_, response) => response.writeHead(status).end());
    const failure = await listed(bucket).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ type, message: expect.stringMatching(says) });
    expect(server.requests).toHaveLength(status === 503 ? 4 : 1);
  });
});
