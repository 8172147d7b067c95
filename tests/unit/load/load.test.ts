import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { boundaryOf, readParts } from '../../../api/multipart';
import { closedLoop, openLoop, quantile } from '../../../lib/load/load';
import { pictureRequests } from '../../../lib/load/picture-requests';

const servers: Server[] = [];

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/get_prediction?a=b`);
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const pictures = [
  { name: 'cat.jpg', bytes: Buffer.from('first') },
  { name: '../"dog".jpg', bytes: Buffer.from('second') },
];
const answer = JSON.stringify({ prediction: 'cat' });

describe('a load', () => {
  it('sends each picture in turn, in the field that the original has, with its key', async () => {
    const seen: { url: string | undefined; key: string | undefined; image: string; name: string }[] = [];
    const url = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const boundary = boundaryOf(request.headers['content-type'] ?? '') ?? '';
        const [image] = readParts(Buffer.concat(chunks), boundary, 2);
        seen.push({
          url: request.url,
          key: request.headers.authorization,
          image: String(image?.data),
          name: image?.filename ?? '',
        });
        response.end(answer);
      });
    });
    const requests = pictureRequests({ url, pictures, apiKey: 'secret' });
    const result = await closedLoop({ url, requests, connections: 1, seconds: 0.2 });
    expect(result.statuses.get(200)).toBe(seen.length);
    expect(seen.slice(0, 2)).toEqual([
      { url: '/get_prediction?a=b', key: 'Bearer secret', image: 'first', name: 'cat.jpg' },
      expect.objectContaining({ image: 'second', name: expect.not.stringContaining('/') }),
    ]);
  });

  it('has as many requests under way as it has connections, and no more', async () => {
    let [now, most] = [0, 0];
    const url = await serve((request, response) => {
      now += 1;
      most = Math.max(most, now);
      request.resume().on('end', () =>
        setTimeout(() => {
          now -= 1;
          response.end(answer);
        }, 5),
      );
    });
    const requests = pictureRequests({ url, pictures });
    const result = await closedLoop({ url, requests, connections: 7, seconds: 0.3 });
    expect(most).toBe(7);
    expect(result.failed).toBe(0);
  });

  it('counts answers by their status, and requests whose connection ended', async () => {
    let count = 0;
    const url = await serve((request, response) => {
      count += 1;
      if (count % 3 === 0) request.socket.destroy();
      else request.resume().on('end', () => response.writeHead(count % 3 === 1 ? 200 : 503).end(answer));
    });
    const requests = pictureRequests({ url, pictures });
    const { statuses, failed } = await closedLoop({ url, requests, connections: 1, seconds: 0.4 });
    expect(statuses.get(200)).toBeGreaterThan(0);
    expect(statuses.get(503)).toBeGreaterThan(0);
    expect(failed).toBeGreaterThan(0);
  });

  it('keeps its rate where answers are late, and counts from when a request was due', async () => {
    const began = performance.now();
    // Nothing is answered for half a second, then all at once.
    const url = await serve((request, response) => {
      const wait = Math.max(0, 500 - (performance.now() - began));
      request.resume().on('end', () => setTimeout(() => response.end(answer), wait));
    });
    const requests = pictureRequests({ url, pictures });
    const result = await openLoop({ url, requests, rate: 100, seconds: 0.8, mostConnections: 4 });
    const answered = result.statuses.get(200) ?? 0;
    expect(answered).toBeGreaterThan(60);
    // With four connections, most of what was due in the stall waited for one of them.
    expect(quantile(result.latencies, 1)).toBeGreaterThan(300);
    expect([...result.latencies].filter((ms) => ms > 100).length).toBeGreaterThan(20);
  });
});
