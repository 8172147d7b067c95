import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import sharp from 'sharp';
import { createActivities } from '../../activities';
import { card } from '../../cli/commands/data/card';
import { diff } from '../../cli/commands/data/diff';
import { exportData } from '../../cli/commands/data/export';
import { gc } from '../../cli/commands/data/gc';
import { type IngestFlags, ingest } from '../../cli/commands/data/ingest';
import { lineage } from '../../cli/commands/data/lineage';
import { list } from '../../cli/commands/data/list';
import { show } from '../../cli/commands/data/show';
import { Console } from '../../cli/display/console';
import { plainColours } from '../../cli/display/format';
import type { Outside } from '../../cli/settings';
import { championAlias } from '../../contracts/names';
import { preprocessingSchema } from '../../contracts/schemas/preprocessing';
import { readSettings } from '../../contracts/schemas/settings';
import { readHistory } from '../../lib/data/history';
import { keysUnder } from '../../lib/data/lineage';
import { createRandom } from '../../lib/random';
import { createRegistry } from '../../lib/registry/registry';
import { createFolderStore } from '../../lib/storage/folder-store';
import { putJson, putRef } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';
import { createDependencies } from '../../workers/dependencies';
import { prepareDataset } from '../support/datasets';
import { withPolledWorkers } from '../support/polled-workers';
import { localServer } from '../support/temporal';

let server: TestWorkflowEnvironment;
let outside: Outside;
let store: Store;
let photos = '';
const never = new AbortController().signal;
const random = createRandom('cli-data');

beforeAll(async () => {
  server = await localServer();
  const folder = await mkdtemp(join(tmpdir(), 'drover-'));
  outside = { environment: { TEMPORAL_ADDRESS: server.address }, folder, program: '' };
  store = createFolderStore(join(folder, '.drover', 'store'));
  photos = join(folder, 'My Photos');
  for (const label of ['cat', 'dog']) for (let n = 0; n < 14; n += 1) await draw(label, `${n}`);
}, 60_000);

afterAll(async () => {
  await server.teardown();
  await rm(outside.folder, { recursive: true, force: true });
});

async function draw(label: string, name: string, folder = photos): Promise<void> {
  await mkdir(join(folder, label), { recursive: true });
  const noise = Buffer.from(Array.from({ length: 8 * 8 * 3 }, () => random.int(256)));
  const picture = sharp(noise, { raw: { width: 8, height: 8, channels: 3 } }).resize(32, 32, { fit: 'fill' });
  await picture.png().toFile(join(folder, label, `${name}.png`));
}

/** What a command writes. */
async function said(command: (out: Console) => Promise<void>): Promise<string> {
  let written = '';
  await command(new Console({ write: (text) => (written += text) }, plainColours, false));
  return written;
}

const ingested = (words: readonly string[], flags: IngestFlags = {}, from = outside): Promise<string> => {
  const activities = createActivities(createDependencies(readSettings(from.environment, from.folder), {}));
  return withPolledWorkers(server, activities, () => said((out) => ingest(words, flags, from, out, never)));
};

describe('`drover data` where there is nothing yet', () => {
  it('says so, and how to begin', async () => {
    expect(await said((out) => list({}, outside, out))).toMatch(/no datasets in .*npx drover data ingest/);
    expect(JSON.parse(await said((out) => list({ json: true }, outside, out)))).toMatchObject({
      datasets: [],
    });
    await expect(said((out) => show(undefined, {}, outside, out))).rejects.toThrow(/npx drover data ingest/);
    expect(await said((out) => gc({}, outside, out, never))).toMatch(/nothing to remove/);
  });

  it('refuses a source that is none before anything is started', async () => {
    await expect(said((out) => ingest(['Photos'], {}, outside, out, never))).rejects.toThrow(
      /There is no "Photos"/,
    );
    await expect(
      said((out) => ingest(['My Photos', 'validate.tinny=keep'], {}, outside, out, never)),
    ).rejects.toThrow(/validate\.tinny.*did you mean "tiny"/);
    await expect(said((out) => ingest(['My Photos'], { name: 'No!' }, outside, out, never))).rejects.toThrow(
      /name/,
    );
  });

  it('refuses a wrong dataset file with file, line and column', async () => {
    await writeFile(
      join(outside.folder, 'wrong.yaml'),
      'name: pets\nsource:\n  uri: ./My Photos\n  licens: mine\n',
    );
    await expect(said((out) => ingest(['wrong.yaml'], {}, outside, out, never))).rejects.toThrow(
      /wrong\.yaml:4:3 source\.licens: .*did you mean "licence"/,
    );
  });

  it('lists what would be read with --dry-run, and takes nothing in', async () => {
    await writeFile(join(photos, 'readme.txt'), 'no picture');
    const text = await said((out) => ingest(['My Photos'], { dryRun: true }, outside, out, never));
    await rm(join(photos, 'readme.txt'));
    expect(text).toMatch(/my-photos {2}29 files, \d+\.\d kB, from /);
    expect(text).toMatch(/1 file lies in no class/);
    expect(text).toMatch(/1 file is no picture/);
    expect(text).toMatch(/cat +14\ndog +14/);
    expect(existsSync(join(outside.folder, '.drover', 'store'))).toBe(false);
    const flags = { dryRun: true, json: true };
    expect(JSON.parse(await said((out) => ingest(['My Photos'], flags, outside, out, never)))).toMatchObject({
      name: 'my-photos',
      files: 28,
      classes: [
        { label: 'cat', files: 14 },
        { label: 'dog', files: 14 },
      ],
    });
  });
});

describe('`drover data ingest` without a source', () => {
  it('takes what the pipeline trains on, with its name', async () => {
    const configs = join(outside.folder, 'configs');
    await mkdir(configs);
    await writeFile(
      join(configs, 'pipeline.yaml'),
      'name: pets\nsource: { uri: ./My Photos }\nsweep: { method: random, parameters: { lr: { value: 0.001 } } }\n',
    );
    const flags = { dryRun: true, json: true };
    const dry = async (...words: string[]): Promise<unknown> =>
      JSON.parse(await said((out) => ingest(words, flags, outside, out, never)));
    expect(await dry()).toMatchObject({ name: 'pets', source: './My Photos', files: 28 });
    expect(await dry('name=cats', 'split.test=0.2')).toMatchObject({ name: 'cats', files: 28 });
    await expect(dry('split.tst=0.2')).rejects.toThrow(/split\.tst.*did you mean "test"/);
    await rm(configs, { recursive: true });
  });
});

describe('a dataset, from its first version to its cleaning', () => {
  it('is taken in by a workflow, and what became of it is said', async () => {
    await writeFile(
      join(photos, 'cat', 'cut.png'),
      (await readFile(join(photos, 'cat', '0.png'))).subarray(0, 100),
    );
    const text = await ingested(['My Photos', 'split.validation=0.2', 'split.test=0.2'], { name: 'pets' });
    expect(text).toMatch(/pets@[0-9a-f]{12} is a new version/);
    expect(text).toMatch(/pictures +28 of 2 classes: \d+ to train, \d+ to validate, \d+ to test/);
    expect(text).toMatch(/left out +1 file: 1 damaged/);
    expect(existsSync(/card +(.+)$/m.exec(text)?.[1] ?? '')).toBe(true);
    expect(text).not.toContain('compare');
  }, 60_000);

  it('taken in again is known already', async () => {
    const text = await ingested(['My Photos', 'split.validation=0.2', 'split.test=0.2'], { name: 'pets' });
    expect(text).toMatch(/pets@[0-9a-f]{12} was known already/);
    expect(await said((out) => diff(undefined, undefined, {}, outside, out))).toMatch(
      /pets has one version alone/,
    );
  }, 60_000);

  it('taken in by its YAML after changes is another version', async () => {
    await draw('cat', 'new');
    await rm(join(photos, 'dog', '3.png'));
    await rename(join(photos, 'dog', '4.png'), join(photos, 'cat', 'was-dog.png'));
    await rm(join(photos, 'cat', 'cut.png'));
    await writeFile(
      join(outside.folder, 'pets.yaml'),
      'name: pets\nsource:\n  uri: ./My Photos\nsplit: { validation: 0.2, test: 0.2 }\n',
    );
    const result: unknown = JSON.parse(await ingested(['pets.yaml'], { json: true }));
    expect(result).toMatchObject({
      name: 'pets',
      isNew: true,
      pictures: 28,
      leftOut: {},
      classes: ['cat', 'dog'],
    });
    expect(await readHistory(store, 'pets')).toHaveLength(2);
  }, 60_000);

  it('is listed and shown, by any name for a version', async () => {
    const [first, second] = await readHistory(store, 'pets');
    const newest = second?.version.slice(0, 12) ?? '';
    expect(await said((out) => list({}, outside, out))).toMatch(
      new RegExp(`pets +2 +${newest} +28 +2 +0 .*My Photos`),
    );
    const text = await said((out) => show(`pets@${first?.version.slice(0, 6)}`, {}, outside, out));
    expect(text).toMatch(/one of 2 versions/);
    expect(text).toMatch(/cat +14 +\d+ +\d+ +\d+\ndog +14/);
    expect(text).toMatch(/damaged +1 +1/);
    const json: unknown = JSON.parse(await said((out) => show('latest', { json: true }, outside, out)));
    expect(json).toMatchObject({
      name: 'pets',
      version: second?.version,
      pictures: 28,
      classes: [{ label: 'cat' }, { label: 'dog' }],
    });
    await expect(said((out) => show('pet', {}, outside, out))).rejects.toThrow(/did you mean "pets"/);
  });

  it('has a card that is printed, and opened on a terminal', async () => {
    const opened: string[] = [];
    const text = await said((out) => card('pets@latest~1', {}, outside, out, (place) => opened.push(place)));
    expect(existsSync(text.trim())).toBe(true);
    expect(opened).toEqual([]);
    const terminal = { isTTY: true, columns: 100, rows: 40, write: () => true };
    await card('pets', {}, outside, new Console(terminal, plainColours, true), (place) => opened.push(place));
    expect(opened).toEqual([expect.stringMatching(/card\.html$/)]);
  });

  it('is compared with the version before it', async () => {
    const text = await said((out) => diff('pets', undefined, {}, outside, out));
    expect(text).toMatch(/28 pictures → 28: 1 added, 1 removed, 1 relabelled/);
    expect(text).toMatch(/^\+ cat\/new\.png/m);
    expect(text).toMatch(/^− dog\/3\.png/m);
    expect(text).toMatch(/^~ cat\/was-dog\.png {2}label dog → cat/m);
    expect(text).toMatch(/cat +14 +16 +1 +1\n/);
    expect(text).toMatch(/dog +14 +12 +1 +1\n/);
    expect(await said((out) => diff('latest', 'latest', {}, outside, out))).toMatch(/The same pictures/);
    const backwards: unknown = JSON.parse(
      await said((out) => diff('pets@latest', '@latest~1', { json: true }, outside, out)),
    );
    expect(backwards).toMatchObject({ added: [{ path: 'dog/3.png' }], removed: [{ path: 'cat/new.png' }] });
  });

  it('is followed to what was made of it, with the champion marked', async () => {
    const entry = (await readHistory(store, 'pets')).at(-1);
    if (entry === undefined) throw new Error('no version');
    const preprocessing = preprocessingSchema.parse({ size: 16 });
    const { prepared } = await prepareDataset(store, entry, preprocessing);
    const result = await putJson<'run'>(store, 'runs/run-1/result.json', { run: 'run-1', prepared });
    const form = async <Kind extends string>(name: string) =>
      putRef<Kind>(store, `runs/run-1/model/${name}`, Buffer.from(name));
    const registry = createRegistry(store);
    const { version } = await registry.register({
      name: 'pets',
      model: {
        ...{ classes: ['cat', 'dog'], preprocessing, parity: { maxDifference: 0, pictures: 1 } },
        ...{
          layers: await form<'layers'>('l'),
          weights: await form<'weights'>('w'),
          onnx: await form<'onnx'>('o'),
        },
      },
      lineage: { run: 'run-1', result, prepared, manifest: entry.manifest },
      evaluation: { uri: 'store://evaluations/x', sha256: '0'.repeat(64) },
      metrics: { accuracy: 0.8, loss: 1, pictures: 5 },
    });
    await registry.moveAlias('pets', championAlias, {
      version,
      expected: undefined,
      by: 'test',
      reason: 'first',
    });

    const text = await said((out) => lineage('pets', {}, outside, out));
    expect(text).toMatch(/^pets@[0-9a-f]{12} .*28 pictures\n├─ source +.*My Photos\n├─ before +[0-9a-f]{12}/);
    expect(text).toMatch(
      /└─ prepared +16 × 16 rgb, 28 pictures .*\n +├─ run +run-1\n +└─ model +pets version 1 +80\.0 % +champion/,
    );
    const json: unknown = JSON.parse(await said((out) => lineage('pets', { json: true }, outside, out)));
    expect(json).toMatchObject({
      models: [{ name: 'pets', champion: true }],
      earlier: [{}],
      prepared: [{ runs: ['run-1'] }],
    });
    expect(await said((out) => lineage('pets@latest~1', {}, outside, out))).toMatch(
      /nothing was made of it yet/,
    );
  });

  it('is exported to a folder that can be taken in again', async () => {
    const text = await said((out) => exportData('pets', 'out', {}, outside, out, never));
    expect(text).toMatch(/pets@[0-9a-f]{12} is in .*out: 28 pictures\./);
    expect((await readdir(join(outside.folder, 'out'))).sort()).toEqual([
      '.drover-export',
      'manifest.csv',
      'test',
      'train',
      'validation',
    ]);
    const again = await said((out) => exportData('pets', 'out', {}, outside, out, never));
    expect(again).toMatch(/28 pictures, 28 of them there already/);
    await expect(
      said((out) => exportData('pets', 'out', { layout: 'deep' }, outside, out, never)),
    ).rejects.toThrow(/split, flat/);
    const preview = await said((out) => ingest(['out'], { dryRun: true }, outside, out, never));
    expect(preview).toMatch(/class +files +train +validation +test\ncat +16/);
  });

  it('is cleaned of what nothing needs once that is said, and not before', async () => {
    const objects = async (): Promise<number> => (await keysUnder(store, '', /./)).length;
    const before = await objects();
    const text = await said((out) => gc({ keep: '1', grace: '0' }, outside, out, never));
    expect(text).toMatch(/Would remove \d+ objects, \d+\.\d kB/);
    expect(text).toMatch(/1 version of datasets:\n {2}pets@[0-9a-f]{12} {2}28 pictures/);
    expect(text).toMatch(/npx drover data gc --keep 1 --grace 0 --yes/);
    expect(await objects()).toBe(before);
    // What was the newest until just now is kept by the grace.
    const kept: unknown = JSON.parse(await said((out) => gc({ keep: '1', json: true }, outside, out, never)));
    expect(kept).toMatchObject({ removed: false, versions: [] });

    const done = await said((out) => gc({ keep: '1', grace: '0', yes: true }, outside, out, never));
    expect(done).toMatch(/clean: (\d+)\/\1 objects/);
    expect(done).toMatch(/Removed \d+ objects/);
    expect(await readHistory(store, 'pets')).toHaveLength(1);
    expect(await objects()).toBeLessThan(before);
    expect(await said((out) => gc({ keep: '1', grace: '0' }, outside, out, never))).toMatch(
      /nothing to remove/,
    );
    await expect(said((out) => gc({ keep: '0' }, outside, out, never))).rejects.toThrow(/1 or more/);
    await expect(said((out) => gc({ grace: 'soon' }, outside, out, never))).rejects.toThrow(/12h or 7d/);
  });
});

describe('a folder that the workers may not read', () => {
  it('is refused with how to allow it', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'drover-elsewhere-'));
    for (const label of ['cat', 'dog']) await draw(label, '1', elsewhere);
    await expect(ingested([elsewhere], { name: 'far' })).rejects.toThrow(
      new RegExp(`may not read ${elsewhere}.*DROVER_ALLOWED_ROOTS=${elsewhere} npm start`),
    );
    // To look at it here is whoever types its own affair.
    expect(await said((out) => ingest([elsewhere], { dryRun: true }, outside, out, never))).toMatch(
      /2 files/,
    );
    await rm(elsewhere, { recursive: true });
  }, 60_000);
});
