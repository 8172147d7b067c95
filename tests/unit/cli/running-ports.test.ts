import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { identify } from '../../../cli/processes/identity';
import { writeLedger } from '../../../cli/processes/ledger';
import { besideWhatRuns } from '../../../cli/processes/running-ports';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'drover-ports-'));
});

afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

const outside = (environment: Record<string, string>) => ({ environment, folder: home, program: '' });

/** As if this very process were a start whose Temporal server has other ports. */
async function run(): Promise<void> {
  const own = await identify(process.pid);
  if (!own) throw new Error('this process runs');
  await writeLedger(home, {
    supervisor: own,
    children: [{ ...own, name: 'temporal', port: 7999 }],
    addresses: { api: 'http://127.0.0.1:8999', ui: 'http://127.0.0.1:8998' },
    model: 'animals',
  });
}

describe('a command beside what runs', () => {
  it('finds its Temporal server, whatever ports it was started with', async () => {
    await run();
    expect(await besideWhatRuns({ home }, outside({ PATH: '/bin' }))).toEqual({
      PATH: '/bin',
      DROVER_TEMPORAL_PORT: '7999',
      DROVER_TEMPORAL_UI_PORT: '8998',
    });
  });

  it('goes where it is told to', async () => {
    await run();
    const environment = { DROVER_HOME: home, DROVER_TEMPORAL_PORT: '7111' };
    expect(await besideWhatRuns({}, outside(environment))).toMatchObject({ DROVER_TEMPORAL_PORT: '7111' });
  });

  it('is as it was where nothing runs, and where its settings are wrong', async () => {
    const environment = { DROVER_HOME: home };
    expect(await besideWhatRuns({}, outside(environment))).toBe(environment);
    const wrong = { DROVER_API_PORT: 'eighty' };
    expect(await besideWhatRuns({ home }, outside(wrong))).toBe(wrong);
  });
});
