import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compareTwoSweeps } from '../../../cli/commands/sweep-compare';
import { reportSweep } from '../../../cli/commands/sweep-report';
import { Console } from '../../../cli/display/console';
import { plainColours } from '../../../cli/display/format';
import type { Outside } from '../../../cli/settings';
import type { SweepRecord } from '../../../contracts/schemas/sweep-record';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { writeSweepHead, writeTrials } from '../../../lib/sweeps/sweep-records';
import { sweepRecord, trialRecord } from '../../support/sweep-record';

let folder: string;
let outside: Outside;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-sweeps-'));
  // Nobody listens there: what has ended is looked at without a server.
  outside = { environment: { DROVER_TEMPORAL_PORT: '1' }, folder, program: '' };
  const trials = [0.5, 0.3, 0.4].map((metric, at) =>
    trialRecord(at + 1, { metric, parameters: { lr: 0.01 * (at + 1) }, run: `run-${at + 1}` }),
  );
  const older = sweepRecord(trials, {}, 'older');
  const newer = sweepRecord(trials.slice(0, 2), { method: 'bayes' }, 'newer/ü');
  await keep({ ...newer, began: older.began + 1 });
  await keep(older);
  await keep({ ...sweepRecord([], { metric: { name: 'train_loss' } }, 'other'), began: 0 });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function keep(record: SweepRecord): Promise<void> {
  const store = createFolderStore(join(folder, '.drover', 'store'));
  await writeTrials(store, record.sweep, 0, record.trials);
  await writeSweepHead(store, { ...record, trials: record.trials.length });
}

function captured(): { out: Console; text: () => string } {
  let written = '';
  const out = new Console({ write: (text) => (written += text) }, plainColours, false);
  return { out, text: () => written };
}

describe('`drover sweep report`, with no server', () => {
  it('writes the report of the sweep that was begun last beside its record, with links to its runs', async () => {
    const { out, text } = captured();
    await reportSweep(undefined, {}, outside, out);
    const place = text().trim();
    expect(place).toBe(join(folder, '.drover', 'store', 'sweeps', 'newer%2F%C3%BC', 'report.html'));
    const page = await readFile(place, 'utf8');
    expect(page).toContain('<title>Sweep newer/ü</title>');
    expect(page).toContain('href="../../runs/run-2/report.html"');
  });

  it('writes that of a named one to a file, with links that hold there', async () => {
    const { out, text } = captured();
    await reportSweep('older', { out: 'report.html', json: true, costPerHour: '1.20' }, outside, out);
    const report = join(folder, 'report.html');
    expect(JSON.parse(text())).toEqual({ sweep: 'older', trials: 3, report });
    expect(await readFile(report, 'utf8')).toContain('href=".drover/store/runs/run-2/report.html"');
  });

  it('names what is wrong with what it was asked', async () => {
    const { out } = captured();
    await expect(reportSweep('none', {}, outside, out)).rejects.toMatchObject({ type: 'not-found' });
    await expect(reportSweep('older', { out: 'no/such/folder.html' }, outside, out)).rejects.toMatchObject({
      type: 'path-refused',
    });
    await expect(reportSweep('older', { costPerHour: '-1' }, outside, out)).rejects.toThrow(/such as 1\.20/);
    const elsewhere = { ...outside, folder: join(folder, 'elsewhere') };
    await expect(reportSweep(undefined, {}, elsewhere, out)).rejects.toThrow(
      /No sweep runs, and none is recorded/,
    );
  });
});

describe('`drover sweep compare`, with no server', () => {
  it('shows both at equal cost, and what they were told differently', async () => {
    const { out, text } = captured();
    await compareTwoSweeps(['older', 'newer/ü'], {}, outside, out);
    expect(text()).toMatch(/^validation_loss, less is better/);
    expect(text()).toMatch(/best of the first 2 +0\.3 \(trial 2\) +0\.3 \(trial 2\)/);
    expect(text()).toMatch(/method +random +bayes\n$/);
  });

  it('is JSON where that is asked for', async () => {
    const { out, text } = captured();
    await compareTwoSweeps(['older', 'newer/ü'], { json: true }, outside, out);
    expect(JSON.parse(text())).toMatchObject({
      metric: 'validation_loss',
      equalTrials: 2,
      equalSeconds: 100,
    });
  });

  it('refuses sweeps with two metrics', async () => {
    await expect(compareTwoSweeps(['older', 'other'], {}, outside, captured().out)).rejects.toMatchObject({
      type: 'request-invalid',
    });
  });
});
