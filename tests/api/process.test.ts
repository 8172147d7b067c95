import { createServer, request as httpRequest } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createApp } from '../../api/app';
import { runApi } from '../../api/main';
import { startServer, type RunningServer } from '../../api/server';
import type { ModelHolder } from '../../api/models/served-model';
import { readSettings } from '../../contracts/schemas/settings';
import { listeningLogger, until } from './served';

const host = '127.0.0.1';
const ended: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

/** A server with one request under way, which the test lets go. */
async function withSlowRequest(graceMs?: number) {
  const log = listeningLogger();
  let begun = false;
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const server = await startServer({
    app: (_request, response) => {
      begun = true;
      void held.then(() => response.end('done'));
    },
    host,
    port: 0,
    logger: log.logger,
    ...(graceMs === undefined ? {} : { graceMs }),
  });
  ended.push(() => server.close());
  const answer = fetch(`http://${host}:${server.port}/`).then((response) => response.text());
  answer.catch(() => undefined);
  await until(() => begun);
  return { server, answer, letGo, log };
}

function refusesConnections(server: RunningServer): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(server.port, host, () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', () => resolve(true));
  });
}

describe('startServer', () => {
  it('names the port that is in use, and the setting that chooses another', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, host, resolve));
    ended.push(async () => new Promise((resolve) => other.close(resolve)));
    const { port } = other.address() as AddressInfo;
    const { logger } = listeningLogger();
    await expect(startServer({ app: () => {}, host, port, logger })).rejects.toMatchObject({
      type: 'start-refused',
      message: expect.stringMatching(new RegExp(`Port ${port} on ${host} is in use.*DROVER_API_PORT`)),
    });
  });

  it('names what whoever starts it chooses the port by', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, host, resolve));
    ended.push(async () => new Promise((resolve) => other.close(resolve)));
    const { port } = other.address() as AddressInfo;
    const { logger } = listeningLogger();
    const chosenBy = { host: '--host', port: '--port' };
    await expect(startServer({ app: () => {}, host, port, chosenBy, logger })).rejects.toThrow(
      /choose another port with --port\.$/,
    );
  });

  it('says which setting is wrong where the host is not of this machine', async () => {
    const { logger } = listeningLogger();
    const started = startServer({ app: () => {}, host: '192.0.2.1', port: 0, logger });
    await expect(started).rejects.toMatchObject({
      type: 'start-refused',
      message: expect.stringContaining('DROVER_API_HOST'),
    });
  });

  it('takes no more connections when it closes, but lets the request under way end', async () => {
    const { server, answer, letGo } = await withSlowRequest();
    const closed = server.close();
    expect(await refusesConnections(server)).toBe(true);
    letGo();
    expect(await answer).toBe('done');
    await closed;
  });

  it('cuts a request off that does not end within the grace', async () => {
    const { server, answer, log } = await withSlowRequest(20);
    await server.close();
    await expect(answer).rejects.toThrow();
    expect(log.lines()).toContainEqual(expect.objectContaining({ level: 'warn', graceMs: 20 }));
  });
});

describe('a client that goes away in the middle of its upload', () => {
  it.each(['multipart/form-data; boundary=x', 'image/png'])(
    'of %s leaves the API answering',
    async (type) => {
      const log = listeningLogger();
      const models = {
        current: () => ({ name: 'colors', version: 1 }),
        use: () => Promise.reject(new Error('never asked')),
      } as unknown as ModelHolder;
      const app = createApp({ models, logger: log.logger, limits: { maxUploadBytes: 100_000 } });
      let begun = false;
      const server = await startServer({
        app: (incoming, outgoing) => {
          begun = true;
          app(incoming, outgoing);
        },
        host,
        port: 0,
        logger: log.logger,
      });
      ended.push(() => server.close());
      const upload = httpRequest({
        host,
        port: server.port,
        path: '/get_prediction',
        method: 'POST',
        headers: { 'Content-Type': type, 'Content-Length': 50_000 },
      });
      upload.on('error', () => {});
      upload.write('--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\nabc');
      await until(() => begun);
      upload.destroy();
      await until(() => log.lines().some(({ message }) => message === 'client went away'));
      expect((await fetch(`http://${host}:${server.port}/healthz`)).status).toBe(200);
      expect(log.lines().filter(({ level }) => level === 'error')).toEqual([]);
    },
  );
});

describe('runApi', () => {
  it('serves by its settings until it is told to stop', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drover-api-'));
    ended.push(() => rm(folder, { recursive: true, force: true }));
    const free = await startServer({ app: () => {}, host, port: 0, logger: listeningLogger().logger });
    await free.close();
    const settings = readSettings({ DROVER_API_PORT: String(free.port) }, folder);
    const controller = new AbortController();
    const { logger } = listeningLogger();
    let port = 0;
    const onReady = (taken: number) => (port = taken);
    const running = runApi({ settings, logger, signal: controller.signal, onReady });
    await until(() => port !== 0);
    expect(port).toBe(free.port);
    expect((await fetch(`http://${host}:${port}/healthz`)).status).toBe(200);
    expect((await fetch(`http://${host}:${port}/readyz`)).status).toBe(503);
    controller.abort();
    await running;
    await expect(fetch(`http://${host}:${port}/healthz`)).rejects.toThrow();
  });
});
