import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, beforeAll, describe, expect, it } from '@jest/globals';
import { rerun } from '../../cli/commands/rerun';
import { type TrainFlags, train } from '../../cli/commands/train';
import { Console } from '../../cli/display/console';
import { plainColours } from '../../cli/display/format';
import type { Outside } from '../../cli/settings';
import { runResultSchema } from '../../contracts/schemas/documents';
import { writeTwoColours } from '../support/two-colours';

let outside: Outside;
const small = ['epochs=2', 'network.filters=[4]', 'network.dense=8'];
const runSchema = runResultSchema.pick({ run: true }).loose();
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

const home = () => outside.environment['DROVER_HOME'] ?? '';
const runsKept = () => readdir(join(home(), 'store', 'runs'));

async function written(work: (out: Console) => Promise<void>): Promise<string> {
  let text = '';
  await work(new Console({ write: (more) => (text += more) }, plainColours, false));
  return text;
}

function trained(words: readonly string[], flags: TrainFlags): Promise<string> {
  return written((out) => train(words, { local: true, ...flags }, outside, out, never));
}

function rerunOf(run: string): Promise<string> {
  return written((out) => rerun({ run, flags: {}, outside, out, signal: never }));
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

describe('`drover rerun`', () => {
  // Another file of the same Jest worker may have left one, too.
  beforeEach(() => {
    process.exitCode = undefined;
  });
  afterEach(() => {
    process.exitCode = undefined;
  });

  it('gives the same model, and leaves nothing but the run', async () => {
    const { run } = runSchema.parse(JSON.parse(await trained(small, { json: true })));
    const before = await runsKept();

    expect(await rerunOf(run.slice(0, 6))).toMatch(
      new RegExp(`^the same +run ${run}: [0-9a-f]{64}, byte for byte$`, 'm'),
    );
    expect(await runsKept()).toEqual(before);
    expect(process.exitCode).toBeUndefined();
  }, 120_000);

  it('says what is different where the model is another', async () => {
    const { run } = runSchema.parse(JSON.parse(await trained(small, { json: true })));
    const file = join(home(), 'store', 'runs', run, 'result.json');
    const result = runResultSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    const elsewhere = { ...result, config: { ...result.config, seed: 7 } };
    await writeFile(
      file,
      JSON.stringify({ ...elsewhere, environment: { ...result.environment, cpu: 'another' } }),
    );

    const text = await rerunOf(run);

    expect(text).toMatch(/^another +run [0-9a-f]{16} gave [0-9a-f]{64}$/m);
    expect(text).toMatch(/cpu .*, was another$/m);
    expect(process.exitCode).toBe(1);
  }, 120_000);

  it.each([
    ['nothing begins so', 'ffffffff', /No finished run begins with ffffffff/],
    ['it is no id', '../../x', /16 hexadecimal digits/],
  ])('says so where %s', async (_what, run, said) => {
    await expect(rerunOf(run)).rejects.toThrow(said);
  });
});
