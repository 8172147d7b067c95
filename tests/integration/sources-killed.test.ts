import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { zipOf } from '../support/archives';
import { startWebServer, type WebServer } from '../support/web-server';

const picture = randomBytes(4_000_000);
const right = createHash('sha256').update(picture).digest('hex');
const zip = zipOf([{ name: 'cat/a.jpg', bytes: picture, method: 0 }]);
const pieceBytes = 100_000;

let root: string;
let web: WebServer;
/** Between two pieces of a body. */
let pauseMs: number;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-killed-'));
  web = await startWebServer(async (request, response) => {
    const first = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(first > 0 ? 206 : 200, {
      etag: '"one"',
      'content-length': zip.length - first,
      ...(first > 0 && { 'content-range': `bytes ${first}-${zip.length - 1}/${zip.length}` }),
    });
    for (let at = first; at < zip.length; at += pieceBytes) {
      response.write(zip.subarray(at, at + pieceBytes));
      await sleep(pauseMs);
    }
    response.end();
  });
});

afterEach(async () => {
  await web.stop();
  await rm(root, { recursive: true, force: true });
});

function start(): ChildProcess {
  const script = path.join(__dirname, '../support/source-reader.ts');
  const given = [`${web.origin}/set.zip`, root, web.host];
  return spawn(process.execPath, ['--import', 'tsx', script, ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function output(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(child, 'close');
  return text;
}

/** Bytes of the download that are on the disk. */
async function brought(): Promise<number> {
  const downloads = path.join(root, 'downloads');
  const names = await readdir(downloads, { recursive: true }).catch(() => []);
  const part = names.find((name) => name.endsWith('.part'));
  return part === undefined ? 0 : (await stat(path.join(downloads, part))).size;
}

describe('a process that downloads a source', () => {
  it('is killed without warning, and the next goes on where it was', async () => {
    pauseMs = 30;
    const child = start();
    const ended = once(child, 'close');
    while ((await brought()) < 1_000_000) await sleep(10);
    child.kill('SIGKILL');
    await ended;
    const had = await brought();
    expect(had).toBeLessThan(zip.length);
    pauseMs = 0;
    expect(await output(start())).toBe(right);
    expect(web.requests.map(({ headers }) => headers.range)).toEqual([undefined, `bytes=${had}-`]);
  });

  it('does no harm to another that downloads the same', async () => {
    pauseMs = 10;
    expect(await Promise.all([output(start()), output(start()), output(start())])).toEqual([
      right,
      right,
      right,
    ]);
  });
});
