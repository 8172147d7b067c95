import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type TrainFlags, train } from '../../cli/commands/train';
import { Console } from '../../cli/display/console';
import { plainColours } from '../../cli/display/format';
import type { Outside } from '../../cli/settings';
import { writeTwoColours } from '../support/two-colours';

let outside: Outside;
const small = ['epochs=2', 'network.filters=[4]', 'network.dense=8'];
const never = new AbortController().signal;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-'));
  await writeTwoColours(join(folder, 'Photos #2'));
  outside = {
    environment: { ...process.env, DROVER_HOME: join(folder, 'home') },
    folder,
    program: join(__dirname, '..', '..', 'bin', 'drover.js'),
  };
});

async function trained(words: readonly string[], flags: TrainFlags): Promise<string> {
  let written = '';
  const out = new Console({ write: (text) => (written += text) }, plainColours, false);
  await train(words, { local: true, ...flags }, outside, out, never);
  return written;
}

describe('`drover train --local`', () => {
  it('goes from a folder to a model and its test figures, and stands on the same pictures the next time', async () => {
    const text = await trained([...small, 'preprocess.size=16'], { data: 'Photos #2' });
    expect(text).toMatch(/ingest: 40\/40 pictures/);
    expect(text).toMatch(/train: \d+\/\d+ steps/);
    expect(text).toMatch(/accuracy .* of 6 test pictures/);
    const run = /^run +([0-9a-f]{16})$/m.exec(text)?.[1];
    expect(existsSync(/^model +(.+)$/m.exec(text)?.[1] ?? '')).toBe(true);

    const again: unknown = JSON.parse(await trained(small, { json: true }));
    expect(again).toMatchObject({ run, epochs: 2, test: { pictures: 6 } });
  }, 120_000);

  it('leaves training on workers to `drover run train`', async () => {
    await expect(trained([], { local: false })).rejects.toThrow(/drover run train/);
  });
});
