import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createFolderStore } from '../../lib/storage/folder-store';
import { createTracker } from '../../lib/tracking/create-tracker';
import {
  epochMetrics,
  runResult,
  samplePictures,
  stepRecord,
  tell,
  trackedRunId,
  trackerOptions,
} from '../support/tracked-run';
import { findTrackingPython } from '../support/tracking-python';
import { startWebServer, type WebServer } from '../support/web-server';

const python = findTrackingPython('wandb') ?? '';
if (python === '') console.warn('There is no Python with wandb here: `wandb sync` does not read our runs.');

const run = promisify(execFile);

/** What a W&B server hears from `wandb sync`; it answers as much as that needs. */
interface Heard {
  readonly rows: Map<number, Record<string, number>>;
  config: Record<string, { value: unknown }>;
  name: string;
  project: string;
  summary: Record<string, unknown>;
  complete: boolean;
}

(python === '' ? describe.skip : describe)('an offline run for W&B', () => {
  let folder = '';
  let server: WebServer;
  const heard: Heard = { rows: new Map(), config: {}, name: '', project: '', summary: {}, complete: false };

  function hearQuery({ query, variables }: any): object {
    if (/mutation CreateRunFiles/.test(query)) {
      const files = variables.files.map((name: string) => ({
        name,
        uploadUrl: `${server.origin}/upload/${name}`,
      }));
      return { createRunFiles: { runID: 'bucket', uploadHeaders: [], files } };
    }
    if (!/mutation UpsertBucket/.test(query)) return {};
    heard.name = variables.name;
    heard.project = variables.project;
    heard.config = { ...heard.config, ...JSON.parse(variables.config ?? '{}') };
    const project = { id: 'project', name: variables.project, entity: { id: 'entity', name: 'ada' } };
    const bucket = { id: 'bucket', name: variables.name, displayName: '', config: '{}', project };
    return { upsertBucket: { bucket: { ...bucket, historyLineCount: 0 }, inserted: true } };
  }

  function hearStream({ files, complete }: any): void {
    for (const line of files?.['wandb-history.jsonl']?.content ?? []) {
      const row = JSON.parse(line);
      heard.rows.set(row._step, row);
    }
    if (complete === true) heard.complete = true;
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drover-wandb-'));
    server = await startWebServer(async (request, response) => {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece as Buffer);
      const body = Buffer.concat(pieces).toString();
      response.setHeader('content-type', 'application/json');
      if (request.url === '/graphql') response.end(JSON.stringify({ data: hearQuery(JSON.parse(body)) }));
      else {
        if (request.url === '/upload/wandb-summary.json') heard.summary = JSON.parse(body);
        if (request.url?.endsWith('/file_stream') === true) hearStream(JSON.parse(body));
        response.end('{}');
      }
    });
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('is read by `wandb sync`, which sends every figure and the configuration to its server', async () => {
    const tracker = await createTracker(
      trackerOptions(createFolderStore(folder), { wandb: { project: 'pets' } }),
    );
    // More than a block of the file, so that records cross its bounds.
    for (const to of [200, 400]) {
      tell(tracker, to - 200, to);
      await tracker.flush(to);
    }
    await tracker.finish(runResult(20), samplePictures(4, ['cat', 'dog']));
    const place = join(folder, `runs/${trackedRunId}/wandb`);
    expect(await readdir(place)).toEqual([`offline-run-20261125_060001-${trackedRunId}`]);

    const { stdout, stderr } = await run(
      python,
      ['-m', 'wandb', 'sync', join(place, (await readdir(place))[0]!)],
      {
        cwd: folder,
        env: {
          PATH: process.env['PATH'],
          HOME: folder,
          WANDB_BASE_URL: server.origin,
          WANDB_API_KEY: 'a'.repeat(40),
          WANDB_ERROR_REPORTING: 'false',
        },
      },
    );
    expect(`${stdout}${stderr}`).toMatch(/Finished syncing/);
    expect(heard).toMatchObject({ name: trackedRunId, project: 'pets', complete: true });
    expect(heard.config).toMatchObject({ lr: { value: 0.001 }, network: { value: { name: 'cnn' } } });
    expect([...heard.rows.keys()].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 400 }, (_, index) => index + 1),
    );
    expect(heard.summary).toMatchObject({ 'best/epoch': 13, 'train/loss': stepRecord(400).loss });
    for (const [step, row] of heard.rows) {
      const { loss, lr, at } = stepRecord(step);
      expect(row).toMatchObject({ 'train/loss': loss, 'train/learning_rate': lr, _timestamp: at / 1000 });
    }
    expect(heard.rows.get(40)).toMatchObject({
      epoch: 2,
      'validation/accuracy': epochMetrics(2).validation_accuracy,
    });
  }, 120_000);
});
