import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { webhookSchema, type RegistryEvent } from '../../../contracts/schemas/webhooks';
import { createNetwork } from '../../../lib/network/network';
import { createFolderStore } from '../../../lib/storage/folder-store';
import type { Store } from '../../../lib/storage/store';
import { deliver } from '../../../lib/webhooks/deliver';
import { deliveryId, listDeliveries, readDelivery } from '../../../lib/webhooks/deliveries';
import { isSigned } from '../../../lib/webhooks/sign';
import { startSmtpServer } from '../../support/smtp-server';
import { startWebServer, type WebServer } from '../../support/web-server';

const event: RegistryEvent = {
  id: 'animals.alias.champion.2',
  kind: 'alias_moved',
  at: '2026-01-02T03:04:05.000Z',
  model: 'animals',
  version: 2,
  before: 1,
  alias: 'champion',
  by: 'ada',
  reason: 'better on <cats> & dogs',
};
const now = Date.UTC(2026, 0, 2, 3, 5);
const token = 'a-secret-that-nobody-sees';

let root = '';
let store: Store;
let server: WebServer;
let bodies: string[] = [];
let answer: (response: ServerResponse, request: IncomingMessage) => void;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-webhooks-'));
  store = createFolderStore(root);
  bodies = [];
  answer = (response) => response.writeHead(204).end();
  server = await startWebServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    bodies.push(body);
    answer(response, request);
  });
});
afterEach(async () => {
  await server.stop();
  await rm(root, { recursive: true, force: true });
});

function sending({
  allowedHosts = [server.host],
  secretHost = server.host,
  secret = token,
}: { allowedHosts?: string[]; secretHost?: string; secret?: string } = {}) {
  const network = createNetwork({ allowedHosts, times: { connectMs: 2000, headersMs: 2000 } });
  return {
    network,
    allowedHosts,
    secrets: new Map([['CI', { token: secret, host: secretHost }]]),
    now: () => now,
  };
}

const drover = () =>
  webhookSchema.parse({ name: 'ci', format: 'drover', url: `${server.origin}/hook`, secret: 'CI' });
const recorded = () => readDelivery(store, deliveryId(event, 'ci'));

describe('telling a webhook', () => {
  it("sends Drover's own format signed, with an id that is the same again", async () => {
    await deliver(store, drover(), event, sending());
    const [request] = server.requests;
    const { headers, method, url } = request ?? {};
    expect([method, url, headers?.['x-drover-event']]).toEqual(['POST', '/hook', 'alias_moved']);
    expect(headers?.['x-drover-delivery']).toBe(deliveryId(event, 'ci'));
    const signature = String(headers?.['x-drover-signature']);
    expect(isSigned(signature, token, bodies[0] ?? '', now / 1000)).toBe(true);
    expect(JSON.parse(bodies[0] ?? '')).toEqual({
      delivery: deliveryId(event, 'ci'),
      event,
      text: 'champion of animals moved from version 1 to version 2 by ada: better on <cats> & dogs',
    });
    expect(await recorded()).toEqual({
      ...{ id: deliveryId(event, 'ci'), webhook: 'ci', event, state: 'delivered' },
      attempts: [{ at: '2026-01-02T03:05:00.000Z', status: 204 }],
    });
  });

  it('sends no second time what was delivered', async () => {
    await deliver(store, drover(), event, sending());
    await deliver(store, drover(), event, sending());
    expect(server.requests).toHaveLength(1);
  });

  it('keeps every attempt, until one goes', async () => {
    const statuses = [503, 429, 200];
    answer = (response) => response.writeHead(statuses.shift() ?? 500).end('secret words of the receiver');
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      await expect(deliver(store, drover(), event, sending())).rejects.toMatchObject({
        type: 'webhook-unavailable',
        retryable: true,
      });
    }
    expect((await recorded())?.state).toBe('trying');
    await deliver(store, drover(), event, sending());
    const { state, attempts } = (await recorded()) ?? {};
    expect([state, attempts?.map(({ status }) => status)]).toEqual(['delivered', [503, 429, 200]]);
    expect(JSON.stringify(await listDeliveries(store))).not.toMatch(new RegExp(`secret words|${token}`));
  });

  it.each([400, 401, 404, 410])('gives up at %d', async (status) => {
    answer = (response) => response.writeHead(status).end();
    await expect(deliver(store, drover(), event, sending())).rejects.toMatchObject({
      type: 'webhook-refused',
      retryable: false,
    });
    expect(await recorded()).toMatchObject({ state: 'failed', attempts: [{ status }] });
  });

  it.each([301, 302, 307, 308])('follows no redirect (%d), which could lead anywhere', async (status) => {
    answer = (response) => response.writeHead(status, { location: `${server.origin}/other` }).end();
    await expect(deliver(store, drover(), event, sending())).rejects.toMatchObject({
      type: 'webhook-refused',
    });
    expect(server.requests).toHaveLength(1);
  });

  it('refuses a private address that is not allowed, and asks nobody', async () => {
    const asked = deliver(store, drover(), event, sending({ allowedHosts: [] }));
    await expect(asked).rejects.toMatchObject({ type: 'path-refused' });
    const secure = webhookSchema.parse({ ...drover(), url: `https://${server.host}/hook` });
    await expect(deliver(store, secure, event, sending({ allowedHosts: [] }))).rejects.toMatchObject({
      type: 'path-refused',
    });
    expect(server.requests).toHaveLength(0);
    expect(await recorded()).toMatchObject({ state: 'failed' });
  });

  it.each([
    ['is not set', () => ({ ...sending(), secrets: new Map() }), /DROVER_SECRET_CI is not set/],
    [
      'is for another host',
      () => sending({ secretHost: 'example.com' }),
      /is for the host in DROVER_SECRET_CI_HOST/,
    ],
  ])('sends nothing where its secret %s', async (_, given, says) => {
    await expect(deliver(store, drover(), event, given())).rejects.toMatchObject({
      type: 'webhook-refused',
      message: expect.stringMatching(says),
    });
    expect(server.requests).toHaveLength(0);
  });

  it('is tried again where nobody answers', async () => {
    answer = (_response, request) => request.socket.destroy();
    await expect(deliver(store, drover(), event, sending())).rejects.toMatchObject({
      type: 'webhook-unavailable',
    });
  });

  it('sends Slack a text in which nothing is a mention, to an address that is a secret', async () => {
    const slack = webhookSchema.parse({ name: 'slack', format: 'slack', url_secret: 'CI' });
    const address = `${server.origin}/services/T0/B0/xyz`;
    await deliver(store, slack, { ...event, reason: '<!channel>' }, sending({ secret: address }));
    expect(server.requests[0]?.url).toBe('/services/T0/B0/xyz');
    expect(JSON.parse(bodies[0] ?? '')).toEqual({
      text: 'champion of animals moved from version 1 to version 2 by ada: &lt;!channel&gt;',
    });
    answer = (response) => response.writeHead(404).end();
    const failed = deliver(store, slack, { ...event, id: 'other' }, sending({ secret: address }));
    await expect(failed).rejects.toMatchObject({ message: expect.not.stringContaining('/services') });
  });

  it("starts GitHub's repository_dispatch with a payload of ten keys at most", async () => {
    const github = webhookSchema.parse({
      ...{
        name: 'gh',
        format: 'github',
        repository: 'ada/pets',
        api: `${server.origin}/api/v3`,
        secret: 'CI',
      },
    });
    await deliver(store, github, { ...event, promotion: 'p1', removed: false, accuracy: 1 }, sending());
    const [request] = server.requests;
    expect([request?.url, request?.headers.authorization]).toEqual([
      '/api/v3/repos/ada/pets/dispatches',
      `Bearer ${token}`,
    ]);
    const body = JSON.parse(bodies[0] ?? '') as { event_type: string; client_payload: object };
    expect(body.event_type).toBe('drover_alias_moved');
    expect(Object.keys(body.client_payload).length).toBeLessThanOrEqual(10);
    expect(body.client_payload).toMatchObject({ model: 'animals', version: 2, alias: 'champion' });
  });
});

describe('telling by mail', () => {
  const mail = (host: string) =>
    webhookSchema.parse({
      ...{ name: 'mail', format: 'email', server: host, from: 'drover@example.com', to: ['ada@example.com'] },
      ...{ user: 'drover', secret: 'CI' },
    });

  it('sends one, logged in, with an id by which a second is known', async () => {
    const smtp = await startSmtpServer();
    try {
      const given = sending({ allowedHosts: [smtp.host], secretHost: smtp.host });
      const webhook = mail(smtp.host);
      await deliver(store, webhook, { ...event, reason: 'x\r\nBcc: eve@example.com' }, given);
      expect(smtp.mails).toHaveLength(1);
      const [head = ''] = smtp.mails[0]?.split('\n\n') ?? [];
      expect(head).toContain(`Message-ID: <${deliveryId(event, 'mail')}@drover>`);
      expect(head).not.toMatch(/^Bcc:/m);
      expect(smtp.commands).toContain('RCPT TO:<ada@example.com>');
      expect(smtp.commands.filter((line) => line.startsWith('RCPT'))).toHaveLength(1);
      const login = Buffer.from(`\0drover\0${token}`).toString('base64');
      expect(smtp.commands).toContain(`AUTH PLAIN ${login}`);
    } finally {
      await smtp.stop();
    }
  });

  it.each([
    ['550 nobody here', 'webhook-refused'],
    ['451 later', 'webhook-unavailable'],
  ])('%s is %s', async (line, type) => {
    const smtp = await startSmtpServer(line);
    try {
      const given = sending({ allowedHosts: [smtp.host], secretHost: smtp.host });
      await expect(deliver(store, mail(smtp.host), event, given)).rejects.toMatchObject({ type });
    } finally {
      await smtp.stop();
    }
  });

  it('goes to no private address, and says no password without TLS', async () => {
    const smtp = await startSmtpServer();
    try {
      const given = sending({ allowedHosts: [], secretHost: smtp.host });
      await expect(deliver(store, mail(smtp.host), event, given)).rejects.toMatchObject({
        type: 'path-refused',
      });
      expect(smtp.commands).toEqual([]);
    } finally {
      await smtp.stop();
    }
  });
});
