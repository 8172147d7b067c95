import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { createApp } from '../../api/app';
import { colorModel } from './color-model';
import { listeningLogger, openServedRegistry, picture, until, type ServedRegistry } from './served';

let served: ServedRegistry;
let server: Server;
let sockets: Socket[];

beforeEach(async () => {
  served = await openServedRegistry();
  sockets = [];
  const { version } = await served.register(colorModel(), ['red', 'green', 'blue']);
  await served.promote(version);
  const models = served.follow();
  const { logger } = listeningLogger();
  server = createServer(createApp({ models, logger, limits: { maxUploadBytes: 20_000, maxRequests: 2 } }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await until(() => models.current() !== undefined);
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  await served.close();
});

const port = () => (server.address() as AddressInfo).port;

const predict = async () =>
  request(server)
    .post('/get_prediction')
    .attach('image', await picture('#ff0000'), 'red.png');

async function figures(): Promise<Map<string, number>> {
  const { text } = await request(server)
    .get('/metrics')
    .expect(200)
    .expect('Content-Type', /^text\/plain/);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

/** A request that has begun to send its picture, and goes no further. */
async function begin(): Promise<void> {
  const socket = connect(port(), '127.0.0.1');
  sockets.push(socket);
  await once(socket, 'connect');
  socket.write(
    'POST /get_prediction HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\nContent-Length: 500\r\n\r\nbegin',
  );
}

describe('what Prometheus is told', () => {
  it('is what was answered, by class and version, and how long its stages took', async () => {
    await predict();
    await predict();
    const told = await figures();
    expect(told.get('drover_predictions_total{class="red",version="1"}')).toBe(2);
    expect(told.get('drover_prediction_confidence_count{version="1"}')).toBe(2);
    for (const stage of ['receive', 'decode', 'infer'])
      expect(told.get(`drover_prediction_stage_seconds_count{stage="${stage}"}`)).toBe(2);
    expect(told.get('drover_request_seconds_count{route="/get_prediction",status="200"}')).toBe(2);
    expect([...told.keys()].filter((name) => name.startsWith('drover_model_info{'))).toHaveLength(1);
    expect(told.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  });

  it('has one series for all paths that there are not, whatever they are called', async () => {
    await request(server).get('/one');
    await request(server).get('/two?with=query');
    const told = await figures();
    expect(told.get('drover_request_seconds_count{route="none",status="404"}')).toBe(2);
    expect([...told.keys()].some((name) => name.includes('/one'))).toBe(false);
  });
});

describe('more pictures than are taken at once', () => {
  it('are refused for good where one request has them: coming back would not help', async () => {
    const red = await picture('#ff0000');
    const send = request(server).post('/v1/predictions');
    for (const name of ['a.png', 'b.png', 'c.png']) void send.attach('image', red, name);
    const { status, body } = await send;
    expect([status, body.type]).toEqual([400, '/problems/request-invalid']);
    expect(body.detail).toMatch(/^3 pictures .* at most 2 /);
  });

  it('are told to come back, and the next one is answered as soon as there is room', async () => {
    await begin();
    await begin();
    await until(() => sockets.every(({ connecting }) => !connecting));
    let held = 0;
    while (held < 2) held = (await figures()).get('drover_predictions_held') ?? 0;

    const { status, headers, body } = await predict();
    expect([status, headers['retry-after']]).toEqual([503, '1']);
    expect(body).toMatchObject({ type: '/problems/busy', detail: expect.stringContaining('2 pictures') });

    sockets[0]?.destroy();
    while (held > 1) held = (await figures()).get('drover_predictions_held') ?? 0;
    expect((await predict()).status).toBe(200);
  });
});
