import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Failure } from '../../../contracts/failures';
import { createNetwork, type Answer, type Network } from '../../../lib/network/network';
import { retrying } from '../../../lib/network/retrying';
import { statusFailure } from '../../../lib/network/statuses';
import { Unavailable } from '../../../lib/network/unavailable';
import { startWebServer, type WebServer } from '../../support/web-server';

const servers: WebServer[] = [];
const times = { connectMs: 2000, headersMs: 300, stallMs: 300, attempts: 3, firstWaitMs: 1 };

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function serve(
  listener: (request: IncomingMessage, response: ServerResponse) => unknown,
  certificate?: { readonly key: string; readonly cert: string },
): Promise<WebServer> {
  const server = await startWebServer(listener, certificate);
  servers.push(server);
  return server;
}

function allowing(...allowed: WebServer[]): Network {
  return createNetwork({ allowedHosts: allowed.map(({ host }) => host), times });
}

async function textOf(answer: Answer): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of answer.body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function refusal(work: Promise<unknown>): Promise<Failure> {
  const error = await work.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

/** A certificate for 127.0.0.1, made on the spot: no key is kept in a repository. */
function ownCertificate(): { readonly key: string; readonly cert: string } | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), 'drover-certificate-'));
  try {
    const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
    ]);
    if (made.status !== 0) return undefined;
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const certificate = ownCertificate();
const withCertificate = certificate === undefined ? it.skip : it;

describe('who may be asked', () => {
  it('asks no private address, however it is written, and no name that leads to one', async () => {
    const server = await serve((_, response) => response.end('private'));
    const network = allowing();
    const port = server.host.split(':')[1] ?? '';
    for (const host of [
      '127.0.0.1',
      'localhost',
      '2130706433',
      '0x7f.1',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '0',
    ]) {
      const failure = await refusal(network.request(new URL(`https://${host}:${port}/set.zip`)));
      expect(failure.type).toBe('path-refused');
      expect(failure.message).toContain('DROVER_ALLOWED_HOSTS');
    }
    expect(server.requests).toHaveLength(0);
  });

  it('connects to the very addresses that were checked, whatever a second look-up would say', async () => {
    const server = await serve((_, response) => response.end('private'));
    const port = server.host.split(':')[1] ?? '';
    const answers = [['93.184.216.34'], ['127.0.0.1'], ['127.0.0.1']];
    const names: string[] = [];
    const network = createNetwork({
      allowedHosts: [],
      times: { ...times, connectMs: 300 },
      resolve: (name, _, callback) => {
        names.push(name);
        const addresses = answers[names.length - 1] ?? [];
        callback(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        );
      },
    });
    const ask = () => refusal(network.request(new URL(`https://rebinding.test:${port}/`)));
    // Nobody answers there from here, or not by that name.
    expect((await ask()).type).not.toBe('path-refused');
    expect(names).toEqual(['rebinding.test']);
    expect((await ask()).type).toBe('path-refused');
    expect(server.requests).toHaveLength(0);
  });

  it('asks no host of which only some addresses are public', async () => {
    const network = createNetwork({
      allowedHosts: [],
      times,
      resolve: (_name, _options, callback) => {
        callback(null, [
          { address: '93.184.216.34', family: 4 },
          { address: 'fd00::1', family: 6 },
        ]);
      },
    });
    expect((await refusal(network.request(new URL('https://half.test/')))).type).toBe('path-refused');
  });

  it('asks over https alone, and plain http only of allowed hosts', async () => {
    const server = await serve((_, response) => response.end('hello'));
    const url = new URL(`${server.origin}/a`);
    expect((await refusal(allowing().request(url))).message).toContain('expected https://');
    expect(await textOf(await allowing(server).request(url))).toBe('hello');
    for (const other of ['ftp://example.org/', 'file:///etc/passwd', 'gopher://example.org/']) {
      expect((await refusal(allowing(server).request(new URL(other)))).type).toBe('path-refused');
    }
  });

  it('refuses a URL with credentials and echoes none of it', async () => {
    const failure = await refusal(
      allowing().request(new URL('https://user:hunter2@example.org/path?token=s3cret')),
    );
    expect(failure.type).toBe('path-refused');
    expect(failure.message).not.toMatch(/hunter2|s3cret|path\?/);
  });
});

describe('redirects', () => {
  it('are followed five times, not more', async () => {
    const server = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('there');
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    const network = allowing(server);
    expect(await textOf(await network.request(new URL(`${server.origin}/5`)))).toBe('there');
    expect((await refusal(network.request(new URL(`${server.origin}/6`)))).message).toContain('more than 5');
  });

  it('lead to no private address, to no other scheme and to no credentials', async () => {
    const inner = await serve((_, response) => response.end('metadata'));
    const targets = [
      'https://127.0.0.1:1/',
      'https://169.254.169.254/latest/meta-data/',
      `${inner.origin}/`,
      'file:///etc/passwd',
      'https://user:password@example.org/',
    ];
    const server = await serve((request, response) => {
      response.writeHead(302, { location: targets[Number(request.url?.slice(1))] }).end();
    });
    for (const at of targets.keys()) {
      expect((await refusal(allowing(server).request(new URL(`${server.origin}/${at}`)))).type).toBe(
        'path-refused',
      );
    }
    expect(inner.requests).toHaveLength(0);
  });

  it('take a secret to its own host and to no other', async () => {
    const other = await serve((request, response) => response.end(String(request.headers.authorization)));
    const server = await serve((request, response) => {
      if (request.url === '/out') response.writeHead(302, { location: `${other.origin}/` }).end();
      else if (request.url === '/in') response.writeHead(302, { location: '/here' }).end();
      else response.end(String(request.headers.authorization));
    });
    const network = allowing(server, other);
    const authorization = { value: 'Bearer s3cret', host: server.host };
    const ask = async (at: string) => textOf(await network.request(new URL(at), { authorization }));
    expect(await ask(`${server.origin}/in`)).toBe('Bearer s3cret');
    expect(await ask(`${server.origin}/out`)).toBe('undefined');
    expect(await ask(`${other.origin}/`)).toBe('undefined');
  });

  withCertificate('from https to plain http are not followed, even to an allowed host', async () => {
    const plain = await serve((_, response) => response.end('plain'));
    const secure = await serve((request, response) => {
      if (request.url === '/out') response.writeHead(301, { location: `${plain.origin}/` }).end();
      else response.end('secure');
    }, certificate);
    const network = createNetwork({
      allowedHosts: [plain.host, secure.host],
      times,
      authorities: certificate?.cert,
    });
    expect(await textOf(await network.request(new URL(`${secure.origin}/`)))).toBe('secure');
    expect((await refusal(network.request(new URL(`${secure.origin}/out`)))).message).toContain('plain http');
    // Nobody vouches for that certificate here.
    const untrusted = await refusal(allowing(secure).request(new URL(`${secure.origin}/`)));
    expect(untrusted).toMatchObject({ type: 'source-invalid', retryable: false });
    expect(untrusted.message).toContain('NODE_EXTRA_CA_CERTS');
  });
});

describe('hosts that do not answer as they should', () => {
  it('are unavailable where they answer nothing, stall, cut off or send less than they said', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/silent') return;
      response.writeHead(200, { 'content-length': '100' });
      response.write('some');
      if (request.url === '/cut') setTimeout(() => request.socket.destroy(), 20);
      if (request.url === '/short') request.socket.end();
    });
    for (const at of ['silent', 'stall', 'cut', 'short']) {
      const failure = await refusal(
        allowing(server)
          .request(new URL(`${server.origin}/${at}`))
          .then(textOf),
      );
      expect(failure).toMatchObject({ type: 'source-unavailable', retryable: true });
    }
  });

  it('are unavailable where nobody listens or the name is nobody’s', async () => {
    const server = await startWebServer(() => undefined);
    await server.stop();
    expect((await refusal(allowing(server).request(new URL(server.origin)))).message).toContain('refuses');
    const nobody = await refusal(allowing().request(new URL('https://nobody.invalid/set.zip')));
    expect(nobody.type).toBe('source-unavailable');
    expect(nobody.message).toContain('nobody.invalid has no address');
  });

  it('do not keep a slow reader from reading', async () => {
    const server = await serve((_, response) => response.end(Buffer.alloc(3_000_000)));
    let bytes = 0;
    for await (const piece of (await allowing(server).request(new URL(server.origin))).body) {
      if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, times.stallMs * 2));
      bytes += piece.length;
    }
    expect(bytes).toBe(3_000_000);
  });

  it('stop being waited for when the signal says so', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200);
      response.write('some');
    });
    const reason = new Error('cancelled');
    const stop = new AbortController();
    const answer = await allowing(server).request(new URL(server.origin), { signal: stop.signal });
    setTimeout(() => stop.abort(reason), 20);
    await expect(textOf(answer)).rejects.toBe(reason);
    await expect(allowing(server).request(new URL(server.origin), { signal: stop.signal })).rejects.toBe(
      reason,
    );
  });

  it('are asked again as long as it may help, and wait for as long as they ask', async () => {
    const server = await serve((request, response) => {
      const status = Number(request.url?.slice(1));
      response.writeHead(status, { 'retry-after': '7' }).end();
    });
    const network = allowing(server);
    for (const [status, tries] of [
      [503, 3],
      [429, 3],
      [404, 1],
      [403, 1],
    ] as const) {
      const before = server.requests.length;
      const failure = await refusal(
        retrying(times, async () => {
          const said = statusFailure(await network.request(new URL(`${server.origin}/${status}`)));
          if (said instanceof Unavailable) expect(said.retryAfterMs).toBe(7000);
          throw said instanceof Unavailable ? new Unavailable(said.message) : said;
        }),
      );
      expect(failure.retryable).toBe(tries > 1);
      expect(server.requests.length - before).toBe(tries);
    }
  });
});
