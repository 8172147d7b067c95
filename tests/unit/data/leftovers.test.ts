import type { IncomingMessage, ServerResponse } from 'node:http';
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Failure } from '../../../contracts/failures';
import { forgetAfter } from '../../../lib/data/sources/forget-after';
import { openSource } from '../../../lib/data/sources/open-source';
import type { Source } from '../../../lib/data/sources/source';
import { zipOf } from '../../support/archives';
import { listPictures } from '../../support/pictures';
import { sourceOptionsFor } from '../../support/source-options';
import { startWebServer, type WebServer } from '../../support/web-server';

const zip = zipOf([{ name: 'cat/a.jpg', bytes: Buffer.alloc(200_000, 'a picture'), method: 0 }]);
const times = { connectMs: 1000, headersMs: 400, stallMs: 400, attempts: 1, firstWaitMs: 1 };
let root: string;
let server: WebServer;
let answer: (request: IncomingMessage, response: ServerResponse) => unknown;

const whole: typeof answer = (_, response) => response.writeHead(200, { etag: '"one"' }).end(zip);
const half: typeof answer = (request, response) => {
  response.writeHead(200, { etag: '"one"', 'content-length': zip.length });
  response.write(zip.subarray(0, 100_000), () => request.socket.destroy());
};

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-leftovers-'));
  answer = whole;
  server = await startWebServer((request, response) => answer(request, response));
});

afterEach(async () => {
  await server.stop();
  await rm(root, { recursive: true, force: true });
});

const open = (name = 'set.zip'): Promise<Source> =>
  openSource(
    { uri: `${server.origin}/${name}` },
    sourceOptionsFor(root, { times, network: { allowedHosts: [server.host] } }),
  );

/** The endings of the files that are left of downloads. */
async function left(): Promise<string[]> {
  const names = await readdir(path.join(root, 'downloads'), { recursive: true }).catch(() => []);
  return names.map((name) => path.extname(name)).sort();
}

describe('a download', () => {
  it('is removed once it was read, and where no attempt at it can do better', async () => {
    const source = await open();
    await forgetAfter(source, () => listPictures(source));
    expect(await left()).toEqual([]);

    const bad = new Failure('source-invalid', 'It is damaged.');
    const again = await open();
    const work = forgetAfter(again, async () => {
      await listPictures(again);
      expect(await left()).toContain('.whole');
      throw bad;
    });
    await expect(work).rejects.toBe(bad);
    expect(await left()).toEqual([]);
  });

  it('stays for the next attempt after a failure that may pass, and where it was stopped', async () => {
    for (const error of [new Failure('storage-unavailable', 'No answer.'), new Error('stopped')]) {
      const source = await open();
      const work = forgetAfter(source, async () => {
        await listPictures(source);
        throw error;
      });
      await expect(work).rejects.toBe(error);
      expect(await left()).toContain('.whole');
    }
  });

  it('that has come in part stays, to be gone on with, also where the host refuses the rest for now', async () => {
    answer = half;
    const source = await open();
    await expect(forgetAfter(source, () => listPictures(source))).rejects.toMatchObject({ retryable: true });
    answer = (_, response) => response.writeHead(403).end();
    await expect(forgetAfter(source, () => listPictures(source))).rejects.toMatchObject({ retryable: false });
    expect(await left()).toEqual(['', '.json', '.part']);
  });

  it('that nobody has gone on with for a week is removed by the next one of any source', async () => {
    answer = half;
    const source = await open('abandoned.zip');
    await expect(listPictures(source)).rejects.toMatchObject({ retryable: true });
    const downloads = path.join(root, 'downloads');
    const [folder = ''] = await readdir(downloads);
    const age = async (days: number): Promise<void> => {
      const then = new Date(Date.now() - days * 24 * 60 * 60 * 1000);
      const files = await readdir(path.join(downloads, folder));
      for (const name of [...files, '.']) await utimes(path.join(downloads, folder, name), then, then);
    };
    answer = whole;
    for (const [days, isLeft] of [
      [6, true],
      [8, false],
    ] as const) {
      await age(days);
      const other = await open();
      await forgetAfter(other, () => listPictures(other));
      expect((await readdir(downloads)).includes(folder)).toBe(isLeft);
    }
  });
});
