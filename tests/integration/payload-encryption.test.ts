import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Client, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { failureInterceptor } from '../../activities/failures';
import { createCodecApp } from '../../api/codec/app';
import { startServer } from '../../api/server';
import { connect } from '../../cli/temporal/connect';
import { startedWith } from '../../cli/temporal/started-with';
import { queues } from '../../contracts/names';
import { readSettings } from '../../contracts/schemas/settings';
import { createPayloadCodec } from '../../lib/payloads/codec';
import { newPayloadKey, readPayloadKeys } from '../../lib/payloads/keys';
import { dataConverterOf, encodedFailures } from '../../workers/payload-encryption';
import { nativePart } from '../support/native';
import { localServer, quiet } from '../support/temporal';

const folder = mkdtempSync(join(tmpdir(), 'drover-encrypted-'));
const keysFile = join(folder, 'keys');
writeFileSync(keysFile, `${newPayloadKey('2026-11')}\n`);
chmodSync(keysFile, 0o600);
const secretWord = 'a-folder-nobody-should-see';
/** As raw payloads have it. */
const inBase64 = Buffer.from(`{"source":"${secretWord}"}`).toString('base64');

/** One workflow of Drover's own, as a worker with keys runs it, which fails and says where it looked. */
describe('what Temporal keeps, with keys', () => {
  let server: TestWorkflowEnvironment;
  let client: Client;
  let shown: string;
  let failed: unknown;
  const workflowId = 'ingest-encrypted';

  beforeAll(async () => {
    server = await localServer();
    const settings = readSettings(
      { TEMPORAL_ADDRESS: server.address, DROVER_PAYLOAD_KEYS_FILE: keysFile, DROVER_HOME: folder },
      folder,
    );
    client = await connect(settings);
    const dataConverter = dataConverterOf(settings);
    const workflowBundle = await bundleWorkflowCode({
      workflowsPath: require.resolve('../../workflows'),
      failureConverterPath: require.resolve(encodedFailures),
      logger: new DefaultLogger('ERROR'),
    });
    const shared = {
      connection: server.nativeConnection,
      dataConverter,
      interceptors: { activity: [() => ({ inbound: failureInterceptor })] },
    };
    const worker = await Worker.create({ ...shared, taskQueue: queues.ml, workflowBundle });
    // As an activity fails that says where it looked.
    const planIngest = ({ source }: { source: string }) =>
      Promise.reject(ApplicationFailure.nonRetryable(`${source} is not there.`, 'source-missing'));
    const cpu = await Worker.create({ ...shared, taskQueue: queues.cpu, activities: { planIngest } });
    const cpuRuns = cpu.run();
    await worker.runUntil(async () => {
      await client.workflow
        .execute('ingest', {
          taskQueue: queues.ml,
          workflowId,
          args: [{ source: secretWord }],
          workflowExecutionTimeout: '10s',
        })
        .catch((error: unknown) => {
          failed = error;
        });
    });
    cpu.shutdown();
    await cpuRuns;
    const { history } = await server.connection.workflowService.getWorkflowExecutionHistory({
      namespace: 'default',
      execution: { workflowId },
    });
    shown = Buffer.from(JSON.stringify(history)).toString();
  }, 120_000);

  afterAll(async () => {
    await client.connection.close();
    await server.teardown();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is nowhere readable in the history', () => {
    expect(shown).toContain(Buffer.from('binary/encrypted').toString('base64'));
    expect(shown).not.toContain(secretWord);
    expect(shown).not.toContain(inBase64);
  });

  it('is read by a client with the keys, and refused, with the name of the key, to one without', async () => {
    expect(await startedWith(client, workflowId)).toEqual({ source: secretWord });
    const without = await connect(
      readSettings({ TEMPORAL_ADDRESS: server.address, DROVER_HOME: folder }, folder),
    );
    try {
      await expect(startedWith(without, workflowId)).rejects.toThrow(
        /key "2026-11".*DROVER_PAYLOAD_KEYS_FILE/,
      );
    } finally {
      await without.connection.close();
    }
  });

  it('is in the failure that a client with the keys is told of', () => {
    expect(failed).toBeInstanceOf(WorkflowFailedError);
    const { cause } = failed instanceof WorkflowFailedError ? failed : {};
    expect(String(cause instanceof Error ? cause.cause : '')).toContain(`${secretWord} is not there.`);
    expect(shown).toContain('encodedAttributes');
  });

  it("is shown by Temporal's own command line, when it asks the codec server with the token", async () => {
    const token = 'a-token-of-sixteen-or-more';
    const codec = createPayloadCodec(readPayloadKeys({ file: keysFile }));
    const app = createCodecApp({ codec, uis: [], token, logger: quiet });
    const codecServer = await startServer({ app, host: '127.0.0.1', port: 0, logger: quiet });
    const show = async (more: readonly string[]) => {
      const args = [
        'workflow',
        'show',
        '--workflow-id',
        workflowId,
        '--address',
        server.address,
        '--output',
        'json',
      ];
      const { stdout } = await promisify(execFile)(nativePart('temporal'), [...args, ...more]);
      return stdout;
    };
    try {
      expect(await show([])).not.toContain(inBase64);
      const endpoint = ['--codec-endpoint', `http://127.0.0.1:${codecServer.port}`];
      expect(await show([...endpoint, '--codec-auth', `Bearer ${token}`])).toContain(inBase64);
    } finally {
      await codecServer.close();
    }
  });
});
