import { createServer } from 'node:http2';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, ServiceError } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, withClient } from '../../../cli/temporal/connect';
import { readSettings } from '../../../contracts/schemas/settings';
import { freePort } from '../../support/free-port';

const folder = mkdtempSync(join(tmpdir(), 'drover-'));
const before = { ...process.env };

beforeEach(() => {
  process.env = { ...before };
});

afterEach(() => {
  process.env = before;
  rmSync(folder, { recursive: true, force: true });
});

const settings = (port: number) => readSettings({ TEMPORAL_ADDRESS: `127.0.0.1:${port}` }, folder);

describe('a connection to Temporal', () => {
  it('names a certificate that can’t be read, and does not look for a server', async () => {
    const missing = join(folder, 'none.pem');
    Object.assign(process.env, {
      TEMPORAL_TLS_CLIENT_CERT_PATH: missing,
      TEMPORAL_TLS_CLIENT_KEY_PATH: missing,
    });
    await expect(connect(settings(1))).rejects.toMatchObject({
      type: 'configuration-invalid',
      message: expect.stringMatching(/TEMPORAL_.*none\.pem/),
    });
  });

  it('says what is wrong with a profile, and nothing that stands in it', async () => {
    const profile = join(mkdtempSync(join(tmpdir(), 'drover-')), 'temporal.toml');
    writeFileSync(profile, '[profile.default]\napi_key = "secret-of-ada\n');
    process.env['TEMPORAL_CONFIG_FILE'] = profile;
    const failed = connect(settings(1));
    await expect(failed).rejects.toMatchObject({ type: 'configuration-invalid' });
    await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('secret-of-ada') });
  });

  it('says that a server refuses who asks, in its words', async () => {
    const port = await freePort();
    const server = createServer().on('stream', (stream) => {
      stream.respond(
        {
          ':status': 200,
          'content-type': 'application/grpc',
          ...{ 'grpc-status': '16', 'grpc-message': 'Request unauthorized.' },
        },
        { endStream: true },
      );
    });
    await new Promise<void>((ready) => server.listen(port, '127.0.0.1', ready));
    try {
      await expect(connect(settings(port))).rejects.toMatchObject({
        type: 'temporal-refused',
        message: expect.stringMatching(/refuses.*Request unauthorized\./s),
      });
    } finally {
      server.close();
    }
  });

  it.each([
    [3, 'Namespace default has no mapping defined for search attribute DroverModel', 'temporal-refused'],
    [14, 'Connection dropped', 'temporal-unavailable'],
  ])('tells a refusal from silence, by gRPC’s status %s', async (code, details, type) => {
    const said = Object.assign(new Error(details), { code, details, metadata: {} });
    const failed = withClient(new Client({ connection: Connection.lazy() }), () =>
      Promise.reject(new ServiceError('Failed to start a workflow', { cause: said })),
    );
    await expect(failed).rejects.toMatchObject({ type, message: `It said: ${details}.` });
  });
});
