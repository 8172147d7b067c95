import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { mkdir, mkdtemp, readdir, rename, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ActivityProgress } from '../../../contracts/progress';
import { Failure } from '../../../contracts/failures';
import { openSource } from '../../../lib/data/sources/open-source';
import type { SourceOptions } from '../../../lib/data/sources/source';
import { openCrc32c } from '../../../lib/storage/crc32c';
import { zipOf } from '../../support/archives';
import { listPictures } from '../../support/pictures';
import { sourceOptionsFor } from '../../support/source-options';
import { startWebServer, type WebServer } from '../../support/web-server';

const times = { connectMs: 1000, headersMs: 400, stallMs: 400, attempts: 3, firstWaitMs: 1 };
const servers: WebServer[] = [];
let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-web-'));
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await rm(root, { recursive: true, force: true });
});

const picture = Buffer.alloc(600_000, 'a picture that does not compress well: ');
const zip = zipOf([{ name: 'pets/cat/a.jpg', bytes: picture, method: 0 }]);
const etag = (bytes: Buffer): string => `"${crc32(bytes).toString(16)}"`;

type Listener = (request: IncomingMessage, response: ServerResponse, number: number) => unknown;

async function serve(listener: Listener): Promise<WebServer> {
  let number = 0;
  const server = await startWebServer((request, response) => {
    number += 1;
    return listener(request, response, number);
  });
  servers.push(server);
  return server;
}

function optionsFor(server: WebServer, changes: Partial<Omit<SourceOptions, 'network'>> = {}): SourceOptions {
  return sourceOptionsFor(root, { times, ...changes, network: { allowedHosts: [server.host] } });
}

async function read(
  server: WebServer,
  changes: Partial<Omit<SourceOptions, 'network'>> = {},
): Promise<string> {
  const source = await openSource({ uri: `${server.origin}/set.zip` }, optionsFor(server, changes));
  const [first] = await listPictures(source);
  return createHash('sha256')
    .update((await first?.bytes()) ?? '')
    .digest('hex');
}

async function refusal(work: Promise<unknown>): Promise<Failure> {
  const error = await work.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

const right = createHash('sha256').update(picture).digest('hex');

/** Sends what is asked for of `bytes`, and of that at most `most`; then cuts the connection. */
function sendPart(request: IncomingMessage, response: ServerResponse, bytes: Buffer, most = Infinity): void {
  const first = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const isPart = first > 0 && request.headers['if-range'] === etag(bytes);
  const body = isPart ? bytes.subarray(first) : bytes;
  response.writeHead(isPart ? 206 : 200, {
    etag: etag(bytes),
    'content-length': body.length,
    ...(isPart && { 'content-range': `bytes ${first}-${bytes.length - 1}/${bytes.length}` }),
  });
  if (body.length <= most) response.end(body);
  else response.write(body.subarray(0, most), () => request.socket.destroy());
}

describe('a download', () => {
  it('goes on where the connection was cut, and asks for no byte twice', async () => {
    const server = await serve((request, response) => sendPart(request, response, zip, 250_000));
    expect(await read(server)).toBe(right);
    const begins = server.requests.map(({ headers }) => Number(/\d+/.exec(headers.range ?? '0')?.[0]));
    // What was under way when the connection was cut may be lost; all that came before is kept.
    expect(begins[0]).toBe(0);
    expect(begins[1]).toBeGreaterThan(100_000);
    expect(begins[2]).toBeGreaterThan((begins[1] ?? 0) + 100_000);
    expect(begins).toHaveLength(3);
  });

  it('goes on where a killed process left it, and is not asked for again once it is whole', async () => {
    let isWell = false;
    const server = await serve((request, response) => {
      if (request.headers['if-none-match'] === etag(zip)) return response.writeHead(304).end();
      sendPart(request, response, zip, isWell ? Infinity : 300_000);
    });
    const failure = await refusal(read(server, { times: { ...times, attempts: 1 } }));
    expect(failure.type).toBe('source-unavailable');
    isWell = true;
    expect(await read(server)).toBe(right);
    expect(await read(server)).toBe(right);
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([
      undefined,
      expect.stringMatching(/^bytes=([12]\d{5}|300000)-$/),
      undefined,
    ]);
  });

  it('that was whole but for its last step is not asked for again', async () => {
    const server = await serve((request, response) => {
      if (request.headers['if-none-match'] === etag(zip)) return response.writeHead(304).end();
      sendPart(request, response, zip);
      return undefined;
    });
    expect(await read(server)).toBe(right);
    const folder = path.join(root, 'downloads', (await readdir(path.join(root, 'downloads')))[0] ?? '');
    const whole = (await readdir(folder)).find((name) => name.endsWith('.whole')) ?? '';
    await rename(path.join(folder, whole), path.join(folder, whole.replace('.whole', '.part')));
    expect(await read(server)).toBe(right);
    expect(server.requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, etag(zip)]);
    // Nor is a file trusted that was cut off on this machine's disk.
    await truncate(path.join(folder, whole), 1000);
    expect(await read(server)).toBe(right);
    expect(server.requests).toHaveLength(3);
  });

  it('begins again where the file has changed meanwhile, also where it is whole', async () => {
    const other = Buffer.alloc(400_000, 'another picture');
    const changed = zipOf([{ name: 'pets/cat/a.jpg', bytes: other, method: 0 }]);
    const server = await serve((request, response, number) =>
      number === 1 ? sendPart(request, response, zip, 250_000) : sendPart(request, response, changed),
    );
    expect(await read(server)).toBe(createHash('sha256').update(other).digest('hex'));
    const again = await serve((request, response, number) =>
      sendPart(request, response, number === 1 ? zip : changed),
    );
    expect(await read(again)).toBe(right);
    expect(await read(again)).toBe(createHash('sha256').update(other).digest('hex'));
  });

  it('begins again where the host knows no ranges, or names nothing to resume by', async () => {
    for (const headers of [{ etag: etag(zip) }, { etag: `W/${etag(zip)}` }, {}]) {
      const server = await serve((request, response, number) => {
        response.writeHead(200, { ...headers, 'content-length': zip.length });
        if (number === 1) response.write(zip.subarray(0, 99_000), () => request.socket.destroy());
        else response.end(zip);
      });
      expect(await read(server)).toBe(right);
    }
  });

  it('trusts no part that it did not ask for', async () => {
    const server = await serve((request, response, number) => {
      if (number !== 2) {
        sendPart(request, response, zip, number === 1 ? 250_000 : Infinity);
        return;
      }
      return response
        .writeHead(206, { etag: etag(zip), 'content-range': `bytes 0-${zip.length - 1}/${zip.length}` })
        .end(zip);
    });
    expect(await read(server)).toBe(right);
  });

  it('starts anew where the host says that there is no such part', async () => {
    const server = await serve((request, response, number) => {
      if (number === 2) return response.writeHead(416).end();
      sendPart(request, response, zip, number === 1 ? 250_000 : Infinity);
    });
    expect(await read(server)).toBe(right);
  });

  it('is given up, to be tried again, where the host stalls, cuts, or lies about the length', async () => {
    for (const kind of ['stall', 'cut', 'short'] as const) {
      const server = await serve((request, response) => {
        response.writeHead(200, {
          etag: etag(zip),
          'content-length': zip.length + (kind === 'short' ? 100 : 0),
        });
        if (kind === 'stall') response.write(zip.subarray(0, 5000));
        else response.write(zip.subarray(0, kind === 'cut' ? 0 : zip.length), () => request.socket.end());
      });
      const failure = await refusal(read(server));
      expect(failure).toMatchObject({ type: 'source-unavailable', retryable: true });
      expect(server.requests).toHaveLength(3);
    }
  });

  it('waits out 429 and 503, and says what other statuses mean', async () => {
    const busy = await serve((request, response, number) =>
      number < 3 ? response.writeHead(number === 1 ? 429 : 503).end() : sendPart(request, response, zip),
    );
    expect(await read(busy)).toBe(right);
    for (const [status, says] of [
      [401, /secret/],
      [403, /secret/],
      [404, /Check the address/],
      [418, /answered 418/],
    ] as const) {
      const server = await serve((_, response) => response.writeHead(status).end());
      const failure = await refusal(read(server));
      expect(failure).toMatchObject({ type: 'source-invalid', retryable: false });
      expect(failure.message).toMatch(says);
      expect(server.requests).toHaveLength(1);
    }
  });

  it('holds the bytes against every checksum that the host names', async () => {
    const digest = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest('base64');
    const sum = await openCrc32c();
    sum.update(zip);
    const good: Record<string, string>[] = [
      { 'content-md5': digest('md5', zip) },
      { 'x-goog-hash': `crc32c=${sum.toString()}, md5=${digest('md5', zip)}` },
      { 'x-goog-hash': `crc32c=${sum.toString()}` },
      { digest: `sha-256=${digest('sha256', zip)}` },
      { 'repr-digest': `sha-256=:${digest('sha256', zip)}:` },
    ];
    const other = Buffer.from('other');
    const bad: Record<string, string>[] = [
      { 'content-md5': digest('md5', other) },
      { 'x-goog-hash': `md5=${digest('md5', other)}` },
      { 'x-goog-hash': 'crc32c=AAAAAA==' },
      { digest: `sha-256=${digest('sha256', other)}` },
      { 'repr-digest': `sha-256=:${digest('sha256', other)}:` },
    ];
    for (const headers of good) {
      expect(await read(await serve((_, response) => response.writeHead(200, headers).end(zip)))).toBe(right);
    }
    for (const headers of bad) {
      const server = await serve((_, response) =>
        response.writeHead(200, { etag: '"x"', ...headers }).end(zip),
      );
      const failure = await refusal(read(server));
      expect(failure).toMatchObject({
        type: 'source-unavailable',
        message: expect.stringContaining('checksum'),
      });
    }
  });

  it('takes no more than is allowed, declared or not, and no more than there is room for', async () => {
    const limits = { download: 100_000, unpacked: 1e9, files: 10 };
    for (const headers of [{ 'content-length': String(zip.length) }, {}]) {
      const server = await serve((_, response) => response.writeHead(200, headers).end(zip));
      expect((await refusal(read(server, { limits }))).message).toContain('DROVER_MAX_DOWNLOAD_BYTES');
    }
    const huge = await serve((_, response) =>
      response.writeHead(200, { 'content-length': String(2 ** 52) }).write('PK'),
    );
    const full = await refusal(read(huge, { limits: { ...limits, download: 2 ** 53 - 1 } }));
    expect(full.message).toContain('Free some space');
  });

  it('tells of its progress, and stops when the signal says so', async () => {
    const heard: ActivityProgress[] = [];
    const server = await serve((request, response) => sendPart(request, response, zip));
    await read(server, { onProgress: (progress) => heard.push(progress) });
    expect(heard.at(-1)).toMatchObject({ done: zip.length, total: zip.length, unit: 'bytes' });

    const stop = new AbortController();
    const reason = new Error('cancelled');
    const slow = await serve((_, response) => response.writeHead(200).write(zip.subarray(0, 5000)));
    const reading = read(slow, { signal: stop.signal, onProgress: () => stop.abort(reason) });
    await expect(reading).rejects.toBe(reason);
  });

  it('of two at once harms neither', async () => {
    for (const headers of [{ etag: etag(zip) }, {}]) {
      const server = await serve((_, response) => {
        response.writeHead(200, { ...headers, 'content-length': zip.length });
        response.write(zip.subarray(0, 200_000), () =>
          setTimeout(() => response.end(zip.subarray(200_000)), 50),
        );
      });
      expect(await Promise.all([read(server), read(server), read(server)])).toEqual([right, right, right]);
    }
  });

  it('keeps nothing under a name that the host or the archive chose', async () => {
    const server = await serve((_, response) =>
      response.writeHead(200, { 'content-disposition': 'attachment; filename="../../evil.zip"' }).end(zip),
    );
    await mkdir(path.join(root, 'downloads'));
    await read(server);
    expect(await readdir(root)).toEqual(['downloads']);
    for (const name of await readdir(path.join(root, 'downloads'), { recursive: true })) {
      expect(name).toMatch(/^[0-9a-f]{32}(?:\/(?:once-)?[0-9a-f-]{32,36}\.(?:whole|json))?$/);
    }
  });
});

describe('a source on the web', () => {
  it('has the fingerprint of its ETag or date, and length, also where only GET is known; or none', async () => {
    const print = async (server: WebServer) =>
      (await openSource({ uri: `${server.origin}/set.zip` }, optionsFor(server))).fingerprint();
    let version = '"1"';
    const ordinary = await serve((_, response) => response.writeHead(200, { etag: version }).end());
    const first = await print(ordinary);
    expect(await print(ordinary)).toBe(first);
    version = '"2"';
    expect(await print(ordinary)).not.toBe(first);
    expect(ordinary.requests.every(({ method }) => method === 'HEAD')).toBe(true);

    let modified = 'Tue, 21 Oct 2025 07:28:00 GMT';
    const noHead = await serve((request, response) => {
      if (request.method === 'HEAD') return response.writeHead(405).end();
      expect(request.headers.range).toBe('bytes=0-0');
      return response
        .writeHead(206, { 'content-range': `bytes 0-0/${zip.length}`, 'last-modified': modified })
        .end('P');
    });
    const dated = await print(noHead);
    expect(dated).toBeDefined();
    modified = 'Wed, 22 Oct 2025 07:28:00 GMT';
    expect(await print(noHead)).not.toBe(dated);

    // A length alone would be the same of a file that was replaced by another.
    for (const headers of [{ 'content-length': zip.length }, { 'transfer-encoding': 'chunked' }]) {
      const silent = await serve((_, response) => response.writeHead(200, headers).end());
      expect(await print(silent)).toBeUndefined();
    }
  });

  it('is told by its bytes, whatever its name and type say', async () => {
    const server = await serve((request, response) =>
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(zip),
    );
    for (const name of ['set.tar', 'set.tgz', 'download', 'set.zip?x=1']) {
      const source = await openSource({ uri: `${server.origin}/${name}` }, optionsFor(server));
      expect(await listPictures(source)).toHaveLength(1);
    }
    const page = await serve((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Log in</html>'),
    );
    const source = await openSource({ uri: `${page.origin}/download` }, optionsFor(page));
    expect((await refusal(listPictures(source))).message).toContain('web page');
  });

  it('sends its secret to the secret’s host, and names the one that is missing', async () => {
    const server = await serve((request, response) => {
      if (request.headers.authorization !== 'Bearer s3cret') return response.writeHead(401).end();
      return response.writeHead(200).end(zip);
    });
    const options = optionsFor(server);
    const config = { uri: `${server.origin}/set.zip`, secret: 'MINE' };
    const missing = await refusal(openSource(config, options));
    expect(missing.message).toContain('DROVER_SECRET_MINE_HOST');
    for (const [host, expected] of [
      [server.host, 1],
      ['example.org', 'source-invalid'],
    ] as const) {
      const secrets = new Map([['MINE', { token: 's3cret', host }]]);
      const source = await openSource(config, { ...options, network: { ...options.network, secrets } });
      const found = await listPictures(source).then(
        (pictures) => pictures.length,
        (error: unknown) => (error as Failure).type,
      );
      expect(found).toBe(expected);
    }
  });

  it('is refused where it is no URL, or private and not allowed', async () => {
    const server = await serve((_, response) => response.end(zip));
    const options = sourceOptionsFor(root, { times });
    for (const uri of [
      `${server.origin}/set.zip`,
      'https://127.0.0.1:1/set.zip',
      'https://169.254.169.254/a.zip',
    ]) {
      expect((await refusal(openSource({ uri }, options).then(listPictures))).type).toBe('path-refused');
    }
    expect((await refusal(openSource({ uri: 'https://' }, options))).type).toBe('source-invalid');
    expect(server.requests).toHaveLength(0);
  });
});
