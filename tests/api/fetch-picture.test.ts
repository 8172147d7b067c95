import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, IncomingMessage, type RequestListener, type Server, ServerResponse } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import request from 'supertest';
import { createApp } from '../../api/app';
import { ClientGone, goneAbortSignal } from '../../api/client-gone';
import { createPictureFetcher, type PictureFetcherOptions } from '../../api/guard/fetch-picture';
import { colorModel } from './color-model';
import { listeningLogger, openServedRegistry, picture } from './served';

const maxBytes = 5000;
let server: Server;
let place: string;
let red: Buffer;
/** What the host was asked for. */
const asked: string[] = [];

const never = new AbortController().signal;

const answers: Record<string, RequestListener> = {
  '/red.png': (_, response) => response.setHeader('Content-Type', 'text/html').end(red),
  '/moved': (_, response) => response.writeHead(302, { Location: '/red.png' }).end(),
  '/to-metadata': (_, response) =>
    response.writeHead(302, { Location: 'http://169.254.169.254/latest/meta-data' }).end(),
  '/to-stranger': (_, response) => response.writeHead(302, { Location: 'https://elsewhere.example/a' }).end(),
  '/round': (_, response) => response.writeHead(302, { Location: '/round' }).end(),
  '/large': (_, response) =>
    response.setHeader('Content-Length', maxBytes + 1).end(Buffer.alloc(maxBytes + 1)),
  '/endless': (_, response) => {
    const pour = setInterval(() => response.write(Buffer.alloc(1000)), 1);
    response.once('close', () => clearInterval(pour));
  },
  '/silent': (_, response) => void response.write('x'),
  '/cut': (_, response) => {
    response.setHeader('Content-Length', 100).write('x');
    setTimeout(() => response.destroy(), 10);
  },
};

beforeAll(async () => {
  red = await picture('red');
  server = createServer((incoming, response) => {
    asked.push(incoming.url ?? '');
    const answer = answers[incoming.url ?? ''];
    if (answer === undefined) response.writeHead(404).end();
    else answer(incoming, response);
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  place = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const fetcher = (more: Partial<PictureFetcherOptions> = {}) =>
  createPictureFetcher({ hosts: [place], privateHosts: [place], maxBytes, timeoutMs: 300, ...more });

describe('a picture by its address', () => {
  it.each(['/red.png', '/moved'])(
    'is fetched from an allowed host, whatever it says of the type: %s',
    async (path) => {
      expect(await fetcher()(`http://${place}${path}`, never)).toEqual(red);
    },
  );

  it('is refused where all pictures of a request have too many bytes together', async () => {
    const room = { left: red.length + 10 };
    const fetchPicture = fetcher();
    expect(await fetchPicture(`http://${place}/red.png`, never, room)).toEqual(red);
    await expect(fetchPicture(`http://${place}/red.png`, never, room)).rejects.toMatchObject({
      type: 'picture-too-large',
      message: expect.stringContaining('together'),
    });
  });

  it.each([
    ['where no list names its host', 'https://elsewhere.example/a.png', 'url-refused'],
    ['that is none', 'cat.png', 'url-refused'],
    ['of another scheme', 'file:///etc/passwd', 'url-refused'],
    ['over plain http', 'http://example.org/a.png', 'url-refused'],
    ['with a password', 'https://user:secret@example.org/a.png', 'url-refused'],
    ['that leads to a metadata server', 'http://PLACE/to-metadata', 'url-refused'],
    ['that leads to a host that is not allowed', 'http://PLACE/to-stranger', 'url-refused'],
    ['that leads to itself', 'http://PLACE/round', 'url-unreachable'],
    ['with nothing behind it', 'http://PLACE/nothing', 'url-unreachable'],
    ['of more bytes than are fetched', 'http://PLACE/large', 'picture-too-large'],
    ['of bytes without end', 'http://PLACE/endless', 'picture-too-large'],
    ['that is slow', 'http://PLACE/silent', 'url-unreachable'],
    ['that is cut off', 'http://PLACE/cut', 'url-unreachable'],
  ])('%s is refused', async (_, url, type) => {
    const fetched = fetcher({ hosts: [place, 'example.org'] })(url.replace('PLACE', place), never);
    await expect(fetched).rejects.toMatchObject({ type });
    await expect(fetched).rejects.not.toThrow(/secret|DROVER_ALLOWED_HOSTS/);
  });

  it.each([
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://10.1.2.3/',
    'https://0x7f000001/',
    'https://2130706433/',
  ])('is not fetched from the private address %s, though any host is allowed', async (url) => {
    await expect(fetcher({ hosts: ['*'], privateHosts: [] })(url, never)).rejects.toMatchObject({
      type: 'url-refused',
    });
  });

  it('is not fetched from a private host that only sources may be on', async () => {
    const before = asked.length;
    const fetched = fetcher({ hosts: ['*'] })(`http://${place}/red.png`, never);
    await expect(fetched).rejects.toMatchObject({ type: 'url-refused' });
    expect(asked).toHaveLength(before);
  });

  it('is not fetched where a public name has a private address, be it the second one', async () => {
    const fetched = fetcher({
      hosts: ['*'],
      resolve: (_name, _options, callback) =>
        callback(null, [
          { address: '93.184.215.14', family: 4 },
          { address: '127.0.0.1', family: 4 },
        ]),
    })('https://rebinding.example/a.png', never);
    await expect(fetched).rejects.toMatchObject({ type: 'url-refused' });
  });

  it('is given up when whoever asked went away', async () => {
    const gone = new AbortController();
    const fetched = fetcher({ timeoutMs: 60_000 })(`http://${place}/silent`, gone.signal);
    setTimeout(() => gone.abort(new Error('gone')), 50);
    await expect(fetched).rejects.toThrow('gone');
  });

  it('is told of a client that went away as of that, and not as of a defect', () => {
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    const signal = goneAbortSignal(response);
    response.emit('close');
    expect(() => signal.throwIfAborted()).toThrow(ClientGone);
  });

  it('is answered by POST /v1/predictions, and one that is refused has a problem of its own', async () => {
    const served = await openServedRegistry();
    await served.register(colorModel(), ['red', 'green', 'blue']);
    await served.promote(1);
    const models = served.follow();
    await models.check();
    const { logger } = listeningLogger();
    const app = createApp({ models, logger, limits: { maxUploadBytes: maxBytes }, fetchPicture: fetcher() });
    const answer = await request(app)
      .post('/v1/predictions')
      .send({ urls: [`http://${place}/red.png`, `http://${place}/silent`, 'https://10.0.0.1/a.png'] });
    expect(answer.status).toBe(200);
    expect(answer.body.predictions).toMatchObject([
      { index: 0, prediction: 'red' },
      { index: 1, problem: { type: '/problems/url-unreachable', status: 422 } },
      { index: 2, problem: { type: '/problems/url-refused', status: 400 } },
    ]);
    const limits = { maxUploadBytes: maxBytes, deadlineMs: -1 };
    const late = createApp({ models, logger, limits, fetchPicture: fetcher() });
    const busy = await request(late)
      .post('/v1/predictions')
      .send({ urls: [`http://${place}/red.png`] });
    expect([busy.status, busy.body.type]).toEqual([503, '/problems/busy']);
    await served.close();
  });
});
