import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { predict, type PredictFlags } from '../../../cli/commands/predict';
import { Console } from '../../../cli/display/console';
import { plainColours } from '../../../cli/display/format';
import { picturesToSend } from '../../../cli/pictures-to-send';
import { freePort } from '../../support/free-port';

let folder = '';
let server: Server;
let url = '';
/** What the service answers to a body in which this stands. */
const refusals = new Map<string, readonly [number, string]>();
let keys: (string | undefined)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-predict-'));
  for (const file of [
    'cat.png',
    'more/dog.JPG',
    'more/deep/cow.webp',
    'more/notes.txt',
    'more/.hidden.png',
  ]) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), `bytes of ${file}`);
  }
  await writeFile(join(folder, 'key'), 'a-key\n');
  server = createServer((request, response) => {
    keys.push(request.headers.authorization);
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')));
    request.on('end', () => {
      const refused = [...refusals].find(([part]) => body.includes(part));
      if (refused === undefined) {
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify(prediction));
        return;
      }
      const [status, type] = refused[1];
      const problem = {
        type: `/problems/${type}`,
        title: 'Refused',
        status,
        detail: 'As said.',
        instance: '',
      };
      response.writeHead(status, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify(problem));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(() => {
  refusals.clear();
  keys = [];
});

const prediction = {
  id: '6f0c5a8e-3a52-4c11-9d0e-5f6f4c6f5f10',
  prediction: 'cat',
  probabilities: { cat: 0.75, dog: 0.125, cow: 0.0625, hen: 0.0625 },
  model: { name: 'animals', version: 3, digest: 'a'.repeat(64) },
};

async function run(typed: readonly string[], flags: PredictFlags = {}) {
  let said = '';
  const out = new Console({ write: (text) => (said += text) }, plainColours, false);
  const outside = { environment: {}, folder, program: '' };
  const all = await predict(typed, { url, ...flags }, outside, out, new AbortController().signal);
  return { all, said };
}

describe('the files that are meant', () => {
  it.each([
    [
      ['cat.png', './cat.png', 'more/notes.txt'],
      ['cat.png', './cat.png', 'more/notes.txt'],
    ],
    [
      ['more', 'more/dog.JPG'],
      ['more/deep/cow.webp', 'more/dog.JPG'],
    ],
    [['*.png'], ['cat.png']],
    [['more/*.???'], ['more/dog.JPG', 'more/notes.txt']],
    [
      ['**/*.webp', 'more/**'],
      ['more/deep/cow.webp', 'more/dog.JPG', 'more/notes.txt'],
    ],
  ])('%j are %j', async (typed, expected) => {
    expect(await picturesToSend(typed, folder)).toEqual(expected);
  });

  it.each([['none.png'], ['*.gif'], ['nowhere/*.png']])(
    '%s is not there, and that is said',
    async (typed) => {
      await expect(picturesToSend([typed], folder)).rejects.toMatchObject({
        type: 'not-found',
        message: expect.stringContaining(typed),
      });
    },
  );
});

describe('drover predict', () => {
  it('prints file, class, confidence and version, and what else it may be', async () => {
    const { all, said } = await run(['cat.png', 'more'], { top: '2' });
    expect(all).toBe(true);
    expect(said).toMatch(/^file +class +confidence +version +then$/m);
    expect(said).toMatch(/^cat\.png +cat +75\.0 % +3 +dog 12\.5 %$/m);
    expect(said).toMatch(/^more\/deep\/cow\.webp +cat/m);
  });

  it('answers the other files where one is refused, and says which and why', async () => {
    refusals.set('notes.txt', [415, 'picture-unreadable']);
    const { all, said } = await run(['cat.png', 'more/notes.txt']);
    expect(all).toBe(false);
    expect(said).toMatch(/^cat\.png +cat/m);
    expect(said).toMatch(/✗ more\/notes\.txt: Refused\. As said\.\n1 picture of 2 was refused\./);
  });

  it('gives as JSON each file in its order, with the likeliest classes alone, and problems as they came', async () => {
    refusals.set('notes.txt', [415, 'picture-unreadable']);
    const { said } = await run(['more/notes.txt', 'cat.png'], { json: true, top: '1' });
    expect(JSON.parse(said)).toEqual({
      predictions: [
        {
          file: 'more/notes.txt',
          problem: expect.objectContaining({ type: '/problems/picture-unreadable' }),
        },
        { ...prediction, file: 'cat.png', probabilities: { cat: 0.75 } },
      ],
    });
  });

  it('ends at what concerns every file, under its own name', async () => {
    refusals.set('', [401, 'token-refused']);
    await expect(run(['cat.png'])).rejects.toMatchObject({ type: 'token-refused', message: 'As said.' });
  });

  it('says where it asked when nothing answers there', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`;
    await expect(run(['cat.png'], { url: nobody })).rejects.toMatchObject({
      type: 'cloud-unavailable',
      message: expect.stringContaining(nobody),
    });
  });

  it('shows the key of a file, and never repeats it', async () => {
    await run(['cat.png'], { apiKeyFile: 'key' });
    expect(keys.at(-1)).toBe('Bearer a-key');
    await writeFile(join(folder, 'keys'), 'one-secret two-secret');
    const error = await run(['cat.png'], { apiKeyFile: 'keys' }).catch((thrown: unknown) => String(thrown));
    expect(error).toMatch(/one key/);
    expect(error).not.toMatch(/secret/);
  });
});
