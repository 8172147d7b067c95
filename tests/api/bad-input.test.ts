import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createApp } from '../../api/app';
import { createModelReader } from '../../api/models-page/read-models';
import { type RunningServer, startServer } from '../../api/server';
import { SpoolCounts } from '../../lib/predictions/counts';
import { testSpool } from '../support/kept';
import { type BadInput, maxUploadBytes } from './bad-input';
import { badInputs } from './bad-inputs';
import { colorModel } from './color-model';
import type { Heard } from './raw-request';
import { listeningLogger, openServedRegistry, picture, type ServedRegistry } from './served';

/** Every bad input, tried on a server; the list of them with what was answered is docs/bad-inputs.md. */
const list = join(__dirname, '../../docs/bad-inputs.md');
const accept = 'UPDATE_BAD_INPUTS=1 npx jest tests/api/bad-input.test.ts';
const atOnce = 4;
/** In another version of the library, or beside other pictures, it says something else. */
const libraryWords = / \((?!it ends early).*\)\.$/s;

let served: ServedRegistry;
let server: RunningServer;
let hasty: RunningServer;
let folder: string;
let spool: ReturnType<typeof testSpool>;
let heard: readonly (readonly [BadInput, Heard])[];
let grownBytes: number;
const log = listeningLogger();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-bad-'));
  served = await openServedRegistry();
  await served.register(colorModel(), ['red', 'green', 'blue']);
  await served.promote(1);
  const models = served.follow();
  await models.check();
  const counts = new SpoolCounts();
  spool = testSpool(join(folder, 'spool'), { counts });
  const app = createApp({
    ...{ models, engine: served.engine, logger: log.logger, keeping: { spool, counts } },
    registry: createModelReader({ store: served.store }),
    limits: { maxUploadBytes },
  });
  const options = { app, host: '127.0.0.1', port: 0, logger: log.logger };
  server = await startServer(options);
  hasty = await startServer({ ...options, times: { headersMs: 200, requestMs: 400, lookMs: 50 } });
  const before = process.memoryUsage.rss();
  heard = await tryAll(await badInputs());
  grownBytes = process.memoryUsage.rss() - before;
});

afterAll(async () => {
  await server.close();
  await hasty.close();
  await served.close();
  spool.close();
  await rm(folder, { recursive: true });
});

/** Some at once, as whoever attacks would. */
async function tryAll(inputs: readonly BadInput[]): Promise<[BadInput, Heard][]> {
  const place = { port: server.port, hastyPort: hasty.port };
  const tried = new Map<BadInput, Heard>();
  const left = inputs.values();
  async function work(): Promise<void> {
    for (const input of left) tried.set(input, await input.send(place));
  }
  await Promise.all(Array.from({ length: atOnce }, work));
  return inputs.map((input) => [input, tried.get(input) ?? { status: -1, media: '', body: {} }]);
}

it('each is answered by its status and its type of problem, or by what it hides as a picture', () => {
  const said = heard.map(([{ group, what }, { status, body }]) => [
    `${group}: ${what}`,
    status,
    body.type?.replace('/problems/', ''),
  ]);
  expect(said).toEqual(heard.map(([{ group, what, status, type }]) => [`${group}: ${what}`, status, type]));
});

it('each refusal is a problem document', () => {
  const others = heard.filter(
    ([, { status, media }]) => status >= 400 && media !== 'application/problem+json',
  );
  expect(others.map(([{ what }]) => what)).toEqual([]);
});

it('a page that was hidden in a picture is not sent back, and no picture is', () => {
  const answers = heard.filter(([{ group }, { status }]) => group === 'Files' && status === 200);
  expect(new Set(answers.map(([, { media }]) => media))).toEqual(new Set(['application/json']));
  expect(JSON.stringify(answers.map(([, { body }]) => body))).not.toMatch(/<script|<html/);
});

it('no answer shows a path, a stack or a file of the machine', () => {
  for (const [, { body }] of heard) {
    expect(JSON.stringify(body)).not.toMatch(/node_modules|\.ts:\d|root:x:0|at \w+ \(/);
  }
});

it('none of them is a defect, and nothing was given to all objects', () => {
  expect(log.lines().filter(({ level }) => level === 'error')).toEqual([]);
  expect(Object.keys(Object.getPrototypeOf({}) as object)).toEqual([]);
});

it('afterwards a good picture is answered, and no other is held', async () => {
  const answer = await fetch(`http://127.0.0.1:${server.port}/get_prediction`, {
    method: 'POST',
    headers: { 'content-type': 'image/png' },
    body: new Uint8Array(await picture('#10c020')),
  });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ prediction: 'green' });
  const metrics = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
  expect(metrics).toMatch(/^drover_predictions_held 0$/m);
  expect(metrics).toMatch(/^drover_inference_queue 0$/m);
});

it('no thread was lost, and the memory has not grown by what the largest picture that is read would take', () => {
  expect([served.engine.threads, served.engine.lost, served.engine.queued]).toEqual([2, 0, 0]);
  // A hundred megapixels of three bytes: what is refused by what its header says takes nothing of it.
  expect(grownBytes).toBeLessThan(3 * 100e6);
});

it('docs/bad-inputs.md is the list', () => {
  const page = render();
  if (process.env['UPDATE_BAD_INPUTS'] === '1') writeFileSync(list, page);
  // Where it is not, look at what changed, and then: UPDATE_BAD_INPUTS=1 npx jest tests/api/bad-input.test.ts
  expect(readFileSync(list, 'utf8')).toBe(page);
});

function render(): string {
  const groups = [...new Set(heard.map(([{ group }]) => group))];
  const tables = groups.flatMap((group) => [
    '',
    `## ${group}`,
    '',
    '| what is sent | status | type | what is said |',
    '| --- | --- | --- | --- |',
    ...heard.filter(([input]) => input.group === group).map(row),
  ]);
  return [
    '# Bad inputs',
    '',
    `Everything below is sent to a server that runs, by [a test](../tests/api/bad-input.test.ts) with every change, several at once; what was answered is written here by \`${accept}\`. After all of them a good picture is answered, and none is held. The limit of a file is ${maxUploadBytes} bytes there. What the limits are and how to set them: [serving safely](guides/serving-safely.md).`,
    ...tables,
    '',
  ].join('\n');
}

function row([{ what }, { status, body }]: readonly [BadInput, Heard]): string {
  const type = body.type?.replace('/problems/', '');
  const cells = [
    escaped(what),
    status === 0 ? 'none: the connection ends' : String(status),
    type === undefined ? '' : `\`${type}\``,
    escaped(body.detail?.replace(libraryWords, ' (…).') ?? (status === 200 ? 'an answer' : '')),
  ];
  return `| ${cells.join(' | ')} |`;
}

function escaped(text: string): string {
  return text
    .replaceAll('\n', ' ')
    .replace(/[\\|<>*_[\]`]/g, '\\$&')
    .replace(/x{50,}|a{50,}/g, (run) => `${run.slice(0, 10)}…`);
}
