import { afterEach, expect, test } from '@jest/globals';
import { createServer, IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { messageClasses } from '../../api/message-classes';
import { startServer } from '../../api/server';
import { listeningLogger } from './served';

let server: Server | undefined;

afterEach(() => {
  server?.close();
  server = undefined;
});

async function ask(to: Server, path: string): Promise<Response> {
  server = to;
  await new Promise<void>((resolve) => to.listen(0, '127.0.0.1', resolve));
  const { port } = to.address() as AddressInfo;
  return fetch(`http://127.0.0.1:${port}${path}`);
}

test('Express finds requests and responses with the prototypes that it would give them', async () => {
  const app = express();
  app.get('/a', (request, response) => {
    response.status(201).json({ query: request.query, sameApp: response.app === app && request.app === app });
  });
  const prototypes: unknown[] = [];
  const created = createServer(messageClasses(app), (request, response) => {
    prototypes.push(Object.getPrototypeOf(request), Object.getPrototypeOf(response));
    app(request, response);
    prototypes.push(Object.getPrototypeOf(request), Object.getPrototypeOf(response));
  });
  const answer = await ask(created, '/a?b=c');
  expect(answer.status).toBe(201);
  expect(await answer.json()).toEqual({ query: { b: 'c' }, sameApp: true });
  expect(prototypes[2]).toBe(prototypes[0]);
  expect(prototypes[3]).toBe(prototypes[1]);
});

test('the API is served so', async () => {
  const { logger } = listeningLogger();
  const app = express();
  app.get('/', (request, response) => void response.json(request.constructor === IncomingMessage));
  const served = await startServer({ app, host: '127.0.0.1', port: 0, logger });
  const answer = await fetch(`http://127.0.0.1:${served.port}/`);
  await served.close();
  expect(await answer.json()).toBe(false);
});

test('what is no app of Express gets what Node makes', async () => {
  const listener = (): void => undefined;
  expect(messageClasses(listener)).toEqual({});
  const created = createServer(messageClasses(listener), (_request, response) => response.end('as ever'));
  expect(await (await ask(created, '/')).text()).toBe('as ever');
});
