import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import type { z } from 'zod';
import { createApp } from '../../api/app';
import { createModelReader } from '../../api/models-page/read-models';
import { openApiDocument } from '../../api/openapi/document';
import { startServer, type RunningServer } from '../../api/server';
import { failureKinds, isFailureType } from '../../contracts/failures';
import {
  aliveSchema,
  answeredFailures,
  answeredPictureSchema,
  batchSchema,
  feedbackAnswerSchema,
  modelDescriptionSchema,
  predictionSchema,
  problemSchema,
  readySchema,
  refusedPictureSchema,
} from '../../contracts/schemas/serving';
import { createClient, type Client } from '../../lib/client/client';
import { SpoolCounts } from '../../lib/predictions/counts';
import type { Spool } from '../../lib/predictions/spool';
import { testSpool } from '../support/kept';
import { colorModel } from './color-model';
import { listeningLogger, openServedRegistry, picture, type ServedRegistry } from './served';

const document = openApiDocument();

/** What is answered before any path is known, where a path hasn't the method, and of one picture among others. */
const ofNoOperation = new Set<string>([
  'headers-too-large',
  'request-slow',
  'method-refused',
  'url-unreachable',
]);

let home: string;
let served: ServedRegistry;
let spool: Spool;
let app: Express;
let server: RunningServer;
let client: Client;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'drover-openapi-'));
  served = await openServedRegistry();
  await served.register(colorModel(), ['red', 'green', 'blue']);
  await served.promote(1);
  const { logger } = listeningLogger();
  const models = served.follow({ logger });
  await models.check();
  const counts = new SpoolCounts();
  spool = testSpool(join(home, 'spool'), { counts });
  app = createApp({
    ...{ models, engine: served.engine, registry: createModelReader({ store: served.store }), logger },
    ...{ limits: { maxUploadBytes: 20_000 }, keeping: { spool, counts } },
  });
  server = await startServer({ app, host: '127.0.0.1', port: 0, logger });
  client = createClient({ url: `http://127.0.0.1:${server.port}` });
});

afterAll(async () => {
  await server.close();
  spool.close();
  await served.close();
  await rm(home, { recursive: true, force: true });
});

/** `GET /models/{name}`, … of a router and all routers in it. */
function routesOf(router: any): string[] {
  return router.stack.flatMap(({ route, handle }: any) => {
    if (route === undefined) return handle.stack === undefined ? [] : routesOf(handle);
    const path = String(route.path).replaceAll(/:(\w+)/g, '{$1}');
    const methods = Object.keys(route.methods).filter((method) => method !== '_all');
    return methods.map((method) => `${method.toUpperCase()} ${path}`);
  });
}

describe('the OpenAPI document', () => {
  it("is valid by OpenAPI 3.1's own schema", async () => {
    const { body } = await request(app).get('/openapi.json');
    expect(body).toEqual(JSON.parse(JSON.stringify(document)));
    const judge = join(__dirname, '../support/judge-openapi.ts');
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', judge]);
    expect(JSON.parse(stdout)).toEqual({ valid: true });
  });

  it('has every route of the app, and no other', () => {
    const documented = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect([...new Set(routesOf((app as any).router))].sort()).toEqual(documented.sort());
  });

  it('leads from every problem that it names to an explanation', async () => {
    const named = JSON.stringify(document.paths).match(/(?<="type":"\/problems\/)[^"]+/g) ?? [];
    expect(named.filter((type) => !isFailureType(type))).toEqual([]);
    const expected = answeredFailures.filter((type) => !ofNoOperation.has(type));
    expect([...new Set(named)].sort()).toEqual([...expected].sort());
    for (const type of answeredFailures) {
      expect((await request(app).get(`/problems/${type}`)).status).toBe(200);
    }
  });

  it('has each of its problems in docs/api.md, with its status', async () => {
    const page = await readFile(join(__dirname, '../../docs/api.md'), 'utf8');
    const missing = answeredFailures.filter(
      (type) => !new RegExp(`^\\| \`${type}\` +\\| ${failureKinds[type].status} `, 'm').test(page),
    );
    expect(missing).toEqual([]);
  });

  it('has examples that are as their schemas say, to the last key', () => {
    const exact = {
      Prediction: predictionSchema,
      Model: modelDescriptionSchema,
      KeptFeedback: feedbackAnswerSchema,
      Problem: problemSchema,
    };
    for (const [name, schema] of Object.entries(exact)) {
      const [example] = document.components.schemas[name]?.examples ?? [];
      expect(schema.strict().safeParse(example).error).toBeUndefined();
    }
  });
});

describe('what the app answers is as the document says, to the last key', () => {
  const exactly = (schema: z.ZodObject, answer: unknown) =>
    expect(schema.strict().safeParse(answer).error).toBeUndefined();

  it('to the client that is made from it: a prediction, feedback on it, the model', async () => {
    const prediction = await client.predict({ bytes: await picture('#10c020'), name: 'green.png' });
    exactly(predictionSchema, prediction);
    expect(prediction.prediction).toBe('green');
    const kept = await client.feedback(prediction.id, { label: 'blue', note: 'seen at night' });
    exactly(feedbackAnswerSchema, kept);
    expect(kept).toMatchObject({ id: prediction.id, label: 'blue', note: 'seen at night' });
    const model = await client.model();
    exactly(modelDescriptionSchema, model);
    expect(model).toMatchObject({ version: 1, classes: ['red', 'green', 'blue'] });
  });

  it('for several pictures of which one is refused, each in its place', async () => {
    const batch = await client.predictMany([
      { bytes: await picture('red'), name: 'red.png' },
      { bytes: Buffer.from('no picture'), name: 'notes.txt' },
      await picture('blue'),
    ]);
    exactly(batchSchema, { ...batch, predictions: [] });
    const [red, notes, blue] = batch.predictions;
    exactly(answeredPictureSchema, red);
    exactly(refusedPictureSchema, notes);
    expect([red, notes, blue]).toMatchObject([
      { index: 0, name: 'red.png', prediction: 'red' },
      { index: 1, name: 'notes.txt', problem: { type: '/problems/picture-unreadable', status: 415 } },
      { index: 2, prediction: 'blue' },
    ]);
  });

  it('where it refuses, and when it is asked how it is', async () => {
    const refused = await client
      .predictUrls(['https://example.org/cat.jpg'])
      .catch((error: unknown) => error);
    exactly(problemSchema, (refused as any).problem);
    exactly(aliveSchema, (await request(app).get('/healthz')).body);
    exactly(readySchema, (await request(app).get('/readyz')).body);
  });
});

describe('GET /docs', () => {
  it('is a page without a script that has every path and leads to every schema that it names', async () => {
    const { text, headers } = await request(app).get('/docs');
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers['content-security-policy']).not.toMatch(/script-src/);
    for (const path of Object.keys(document.paths)) expect(text).toContain(`>${path}</code>`);
    const leads = [...text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(leads.filter((id) => !text.includes(`id="${id}"`))).toEqual([]);
  });

  it('has no other method', async () => {
    const answer = await request(app).post('/docs');
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });
});
