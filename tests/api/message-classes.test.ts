import { afterEach, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { messageClasses } from '../../api/message-classes';

let server: Server;

afterEach(() => {
  server.close();
});

async function ask(path: string): Promise<Response> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return fetch(`http://127.0.0.1:${port}${path}`);
}

test('Express finds requests and responses with the prototypes that it would give them', async () => {
  const app = express();
  app.get('/a', (request, response) => {
    response.status(201).json({ query: request.query, sameApp: response.app === app && request.app === app });
  });
  const prototypes: unknown[] = [];
  server = createServer(messageClasses(app), (request, response) => {
    prototypes.push(Object.getPrototypeOf(request), Object.getPrototypeOf(response));
    app(request, response);
    prototypes.push(Object.getPrototypeOf(request), Object.getPrototypeOf(response));
  });
  const answer = await ask('/a?b=c');
  expect(answer.status).toBe(201);
  expect(await answer.json()).toEqual({ query: { b: 'c' }, sameApp: true });
  expect(prototypes[2]).toBe(prototypes[0]);
  expect(prototypes[3]).toBe(prototypes[1]);
});

test('what is no app of Express gets what Node makes', async () => {
  const listener = (): void => undefined;
  expect(messageClasses(listener)).toEqual({});
  server = createServer(messageClasses(listener), (_request, response) => response.end('as ever'));
  expect(await (await ask('/')).text()).toBe('as ever');
});
