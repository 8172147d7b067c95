import { mkdtemp, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { models } from '../../cli/commands/models/list';
import { openPage } from '../../cli/commands/open';
import { start } from '../../cli/commands/start';
import { status } from '../../cli/commands/status';
import { Console } from '../../cli/display/console';
import { plainColours } from '../../cli/display/format';
import { readLedger } from '../../cli/processes/ledger';
import { StopSignal } from '../../cli/stop-signal';
import type { Outside } from '../../cli/settings';
import { writeTwoColours } from '../support/two-colours';

let outside: Outside;
let stopping: StopSignal;
let running: Promise<void> | undefined;

/** Three ports that nobody uses now. */
async function freePorts(): Promise<string[]> {
  const servers = [0, 1, 2].map(() => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const ports = servers.map((server) => String((server.address() as AddressInfo).port));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-'));
  await writeTwoColours(join(folder, 'photos'));
  const [api = '', temporal = '', ui = ''] = await freePorts();
  outside = {
    environment: {
      ...process.env,
      TEMPORAL_ADDRESS: undefined,
      DROVER_HOME: join(folder, 'home'),
      DROVER_API_PORT: api,
      DROVER_TEMPORAL_PORT: temporal,
      DROVER_TEMPORAL_UI_PORT: ui,
    },
    folder,
    program: join(__dirname, '..', '..', 'bin', 'drover.js'),
  };
});

afterEach(async () => {
  stopping.press(0);
  await running?.catch(() => undefined);
});

function captured(): { out: Console; text: () => string } {
  let written = '';
  const out = new Console({ write: (text) => (written += text) }, plainColours, false);
  return { out, text: () => written };
}

/** Starts, and comes back when it serves; the way it failed, where it did before. */
async function served(overrides: readonly string[]): Promise<string> {
  stopping = new StopSignal(() => undefined);
  const { out, text } = captured();
  running = start({ overrides, data: './photos', pipeline: true }, outside, out, stopping);
  let failure: unknown;
  running.catch((error: unknown) => (failure = error));
  while (!text().includes('Serving after')) {
    if (failure instanceof Error) throw failure;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return text();
}

describe('`npm start`', () => {
  it('goes from one’s own pictures to answers, ends everything, and serves at once the next time', async () => {
    const home = outside.environment['DROVER_HOME'] ?? '';
    const first = await served(['sweep.run_cap=1', 'sweep.train.epochs=1', 'preprocess.size=16']);
    expect(first).toMatch(/ingest: done: 40 pictures/);
    expect(first).toMatch(/photos version 1 is the champion/);
    expect(first).toMatch(/To stay with these pictures, .* name: photos, and source: \{ uri: ".*photos" \}/);
    expect(first).toMatch(/accuracy .* test pictures \(95 % interval/);

    // The line to paste names a picture that is there, and the API answers it.
    const [, port, path = ''] = /localhost:(\d+)\/get_prediction -F "image=@([^"]+)"/.exec(first) ?? [];
    const form = new FormData();
    form.set('image', new Blob([await readFile(join(outside.folder, path))]), 'picture.png');
    const answer = await fetch(`http://127.0.0.1:${port}/get_prediction`, { method: 'POST', body: form });
    expect(await answer.json()).toMatchObject({
      prediction: expect.stringMatching(/^(red|blue)$/),
      model: { name: 'photos', version: 1 },
    });

    const shown = captured();
    await status({}, outside, shown.out);
    expect(shown.text()).toMatch(/● api .*● temporal .*● worker /);
    expect(shown.text()).toMatch(/pipeline-photos +completed/);
    const listed = captured();
    await models('photos', {}, outside, listed.out);
    expect(listed.text()).toMatch(/ 1 .* champion\n/);

    stopping.press(0);
    await running;
    expect(await readLedger(home)).toBeUndefined();
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();

    const second = await served([]);
    expect(second).toMatch(/photos has a champion already, so nothing is trained/);
    expect(second).toMatch(/photos version 1 is the champion/);
    stopping.press(0);
    await running;

    const after = captured();
    await status({ json: true }, outside, after.out);
    expect(JSON.parse(after.text())).toMatchObject({ running: false, processes: [] });
    await openPage('ui', {}, outside, after.out);
    expect(after.text()).toContain(`http://127.0.0.1:${outside.environment['DROVER_TEMPORAL_UI_PORT']}`);
  }, 240_000);

  it('leaves nothing running where it fails', async () => {
    const failing = served(['sweep.run_cap=0']);
    await expect(failing).rejects.toThrow(/run_cap/);
    expect(await readLedger(outside.environment['DROVER_HOME'] ?? '')).toBeUndefined();
  }, 120_000);
});
