import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import request from 'supertest';
import { createApp } from '../../api/app';
import { readTraceParent } from '../../api/trace-parent';
import { createTraces } from '../../api/traces';
import { colorModel } from './color-model';
import { listeningLogger, openServedRegistry, picture, type ServedRegistry } from './served';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = '00f067aa0ba902b7';

let collector: Server;
let endpoint: string;
let served: ServedRegistry;
const received: { url: string | undefined; body: any }[] = [];

beforeAll(async () => {
  collector = createServer((incoming, response) => {
    const pieces: Buffer[] = [];
    incoming.on('data', (piece: Buffer) => pieces.push(piece));
    incoming.on('end', () => {
      received.push({ url: incoming.url, body: JSON.parse(Buffer.concat(pieces).toString()) });
      response.setHeader('Content-Type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((listening) => void collector.listen(0, '127.0.0.1', listening));
  endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  served = await openServedRegistry();
  await served.register(colorModel(), ['red', 'green', 'blue']);
  await served.promote(1);
});

afterAll(async () => {
  await served.close();
  collector.closeAllConnections();
  collector.close();
});

const spansOf = (body: any): any[] =>
  body.resourceSpans.flatMap(({ scopeSpans }: any) => scopeSpans.flatMap(({ spans }: any) => spans));
const valueOf = (attributes: any[], name: string): any =>
  Object.values(attributes.find(({ key }) => key === name)?.value ?? {})[0];

it('a request is a span of its caller’s trace, with its stages within; what was not sent yet is at the end', async () => {
  const red = await picture('red');
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(__dirname, 'traced-server.ts'), `${endpoint}/`],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const lines: any[] = [];
  const reading = createInterface({ input: child.stdout });
  const port = await new Promise<number>((resolve) => {
    reading.on('line', (line) => {
      lines.push(JSON.parse(line));
      if (lines.at(-1).message === 'listening') resolve(lines.at(-1).port);
    });
  });
  const send = (flags: string) =>
    fetch(`http://127.0.0.1:${port}/get_prediction?token=secret`, {
      method: 'POST',
      headers: { traceparent: `00-${traceId}-${parent}-${flags}`, 'content-type': 'image/png' },
      body: new Uint8Array(red),
    });
  const answer: any = await (await send('01')).json();
  expect((await send('00')).status).toBe(200);
  child.stdin.end();
  await new Promise((resolve) => child.once('close', resolve));

  expect(received.map(({ url }) => url)).toEqual(['/v1/traces']);
  const { body } = received[0]!;
  expect(valueOf(body.resourceSpans[0].resource.attributes, 'service.name')).toBe('pictures');
  const spans = spansOf(body);
  const root = spans.find(({ name }) => name === 'POST /get_prediction');
  // The one that its caller does not sample is not sent.
  expect(spans.map(({ name }) => name).sort()).toEqual(
    ['POST /get_prediction', 'decode', 'infer', 'queue', 'receive'].sort(),
  );
  expect(root).toMatchObject({ traceId, parentSpanId: parent, kind: 2 });
  expect(valueOf(root.attributes, 'http.response.status_code')).toBe(200);
  expect(JSON.stringify(body)).not.toContain('secret');
  const begins = BigInt(root.startTimeUnixNano);
  for (const stage of spans.filter((span) => span !== root)) {
    expect(stage).toMatchObject({ traceId, parentSpanId: root.spanId });
    expect(BigInt(stage.startTimeUnixNano)).toBeGreaterThanOrEqual(begins);
    expect(BigInt(stage.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(stage.startTimeUnixNano));
  }
  expect(valueOf(spans.find(({ name }) => name === 'infer').attributes, 'drover.model.version')).toBe(1);
  expect(lines).toContainEqual(
    expect.objectContaining({ message: 'answered', requestId: answer.id, traceId }),
  );
}, 60_000);

it('without a collector nothing is sent, but the log lines hold the caller’s trace', async () => {
  const models = served.follow();
  await models.check();
  const { logger, lines } = listeningLogger();
  const traces = await createTraces(undefined, logger);
  const app = createApp({ models, logger, traces, limits: { maxUploadBytes: 20_000 } });
  await request(app).get('/v1/model').set('traceparent', `00-${traceId}-${parent}-01`);
  await request(app).get('/v1/model').set('traceparent', 'nonsense');
  expect(lines().flatMap(({ path, traceId: id }) => (path === '/v1/model' ? [id] : []))).toEqual([
    traceId,
    undefined,
  ]);
});

it.each([
  [`00-${traceId}-${parent}-01`, 1],
  [`00-${traceId}-${parent}-00`, 0],
  [`cc-${traceId}-${parent}-03-what-a-later-version-says`, 1],
])('the traceparent %s is read', (header, traceFlags) => {
  expect(readTraceParent(header)).toEqual({ traceId, spanId: parent, traceFlags });
});

it.each([
  `ff-${traceId}-${parent}-01`,
  `00-${traceId}-${parent}-01-more`,
  `00-${'0'.repeat(32)}-${parent}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId.toUpperCase()}-${parent}-01`,
  '',
])('the traceparent %s is none', (header) => {
  expect(readTraceParent(header)).toBeUndefined();
});
