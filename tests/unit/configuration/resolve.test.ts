import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure } from '../../../contracts/failures';
import type { ConfigurationPlaces } from '../../../lib/configuration/files';
import { resolveConfiguration } from '../../../lib/configuration/resolve';
import { createFolderStore } from '../../../lib/storage/folder-store';

/** The sweep of the animal project that this one grew from, to the letter. */
const original = readFileSync(resolve(__dirname, '../../fixtures/configuration/original-sweep.yaml'), 'utf8');
const own = resolve(__dirname, '../../../configs');
let folder: string;
let places: ConfigurationPlaces;

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-configuration-'));
  places = {
    project: join(folder, 'project'),
    store: createFolderStore(join(folder, 'store')),
    defaultConfigs: own,
  };
  await mkdir(places.project);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The failure of a resolution that must not succeed. */
async function failureOf(resolution: Promise<unknown>): Promise<Failure> {
  const outcome = await resolution.then(
    () => new Error('It was accepted.'),
    (error: unknown) => error,
  );
  if (!(outcome instanceof Failure)) throw outcome;
  return outcome;
}

async function refused(text: string, kind: 'pipeline' | 'sweep' | 'train' = 'sweep'): Promise<string[]> {
  await put('project/configs/wrong.yaml', text);
  const failure = await failureOf(resolveKind(kind, 'configs/wrong.yaml'));
  expect(failure.type).toBe('configuration-invalid');
  return failure.message.split('\n');
}

function resolveKind(kind: 'pipeline' | 'sweep' | 'train', input: unknown): Promise<unknown> {
  if (kind === 'pipeline') return resolveConfiguration(kind, input, places);
  if (kind === 'sweep') return resolveConfiguration(kind, input, places);
  return resolveConfiguration(kind, input, places);
}

describe('a configuration is found', () => {
  it("as Drover's own where the project has none, composed of three files", async () => {
    const { config, source, warnings } = await resolveConfiguration('pipeline', undefined, places);
    expect(source).toBe('configs/pipeline.yaml');
    expect(warnings).toEqual([]);
    expect(config.source.uri).toBe('sample://animals');
    expect(config.sweep.method).toBe('random');
    expect(config.sweep.train.network.name).toBe('cnn');
  });

  it("with the project's train.yaml under Drover's own sweep", async () => {
    await put('project/configs/train.yaml', 'epochs: 3\n');
    const { config } = await resolveConfiguration('sweep', null, places);
    expect(config.train.epochs).toBe(3);
    await rm(join(places.project, 'configs/train.yaml'));
  });

  it('by path, by file:, in the store, and given as itself', async () => {
    await put('project/deep/run.yaml', 'epochs: 3\n');
    await places.store.write('configs/run.yaml', Buffer.from('epochs: 4\n'));
    const url = pathToFileURL(join(places.project, 'deep/run.yaml')).href;
    const answers = await Promise.all(
      ['deep/run.yaml', url, 'store://configs/run.yaml', { epochs: 5 }].map((input) =>
        resolveConfiguration('train', input, places),
      ),
    );
    expect(answers.map(({ config, source }) => [config.epochs, source])).toEqual([
      [3, 'deep/run.yaml'],
      [3, 'deep/run.yaml'],
      [4, 'store://configs/run.yaml'],
      [5, 'input'],
    ]);
  });

  it('in the store with what stands beside it', async () => {
    await places.store.write('team/sweep.yaml', Buffer.from(`defaults: [train]\n${original}`));
    await places.store.write('team/train.yaml', Buffer.from('seed: 7\n'));
    const { config } = await resolveConfiguration('sweep', 'store://team/sweep.yaml', places);
    expect(config.train.seed).toBe(7);
  });

  it('never outside of the project, not by .., not by an absolute path, not by a link', async () => {
    await put('secret.yaml', 'epochs: 3\n');
    await symlink(join(folder, 'secret.yaml'), join(places.project, 'link.yaml'));
    for (const path of ['../secret.yaml', join(folder, 'secret.yaml'), 'link.yaml', '../nothing.yaml']) {
      const failure = await failureOf(resolveConfiguration('train', path, places));
      expect([failure.type, failure.message]).toEqual([
        'path-refused',
        "A configuration must lie in the project's folder",
      ]);
    }
  });

  it.each<[unknown, string, string]>([
    ['configs/none.yaml', 'not-found', 'configs/none.yaml is not there'],
    ['store://none.yaml', 'not-found', 'none.yaml'],
    ['.env', 'path-refused', 'expected .yaml, .yml or .json'],
    ['https://example.com/x.yaml', 'path-refused', 'A configuration at https: is not read'],
    ['file://[', 'path-refused', 'expected file:///path'],
    ['folder.yaml', 'path-refused', 'folder.yaml is not a file'],
    [7, 'configuration-invalid', 'expected a path, a URI or a configuration, found a whole number'],
    [['a'], 'configuration-invalid', 'found a list'],
    [{ overrides: 'run_cap=3' }, 'configuration-invalid', 'expected a list of key.path=value texts'],
  ])('or refused: %j', async (input, type, message) => {
    await mkdir(join(places.project, 'folder.yaml'), { recursive: true });
    const failure = await failureOf(resolveConfiguration('train', input, places));
    expect(failure.type).toBe(type);
    expect(failure.message).toContain(message);
  });
});

describe("W&B's configuration", () => {
  it('of the original project runs unchanged, with a warning of what log_uniform draws', async () => {
    await put('project/configs/original.yaml', original);
    const { config, warnings } = await resolveConfiguration('sweep', 'configs/original.yaml', places);
    expect(config.run_cap).toBe(15);
    expect(config.parameters).toEqual({
      lr: { distribution: 'log_uniform', min: 1e-4, max: 1e-2 },
      epochs: { distribution: 'categorical', values: [10, 15, 25] },
      batch_size: { distribution: 'categorical', values: [5, 15, 30] },
    });
    expect(warnings).toEqual([
      'configs/original.yaml:7:19 parameters.lr.distribution: log_uniform takes base-e exponents, so this ' +
        'draws 1.0001…1.0101; for values of 0.0001…0.01, use log_uniform_values',
    ]);
  });

  it('may have keys that mean something to W&B alone, each named', async () => {
    const extra = 'program: train.py\ncommand: [python]\nproject: p\nentity: e\nname: mine\n';
    const text = `${extra}${original}`.replace(
      'goal: minimize',
      'goal: minimize\n  impute: latest\n  target: 0.1',
    );
    await put('project/configs/wandb.yaml', text);
    const { config, warnings } = await resolveConfiguration('sweep', 'configs/wandb.yaml', places);
    expect(config).toMatchObject({ name: 'mine', metric: { target: 0.1, impute: 'latest' } });
    const placesNamed = warnings.map((warning) => warning.split(': ')[0]);
    expect(placesNamed).toEqual([
      'configs/wandb.yaml:1:1 program',
      'configs/wandb.yaml:2:1 command',
      'configs/wandb.yaml:3:1 project',
      'configs/wandb.yaml:4:1 entity',
      'configs/wandb.yaml:10:3 metric.impute',
      'configs/wandb.yaml:14:19 parameters.lr.distribution',
    ]);
  });

  it('tells 1 from 1.0, and the snapshot keeps what was told', async () => {
    const text = 'method: random\nparameters:\n  network.dense: {min: 1, max: 9}\n  lr: {min: 1.0, max: 2}\n';
    await put('project/configs/numbers.yaml', text);
    const { config } = await resolveConfiguration('sweep', 'configs/numbers.yaml', places);
    const snapshot: unknown = JSON.parse(JSON.stringify(config));
    const again = await resolveConfiguration('sweep', snapshot, places);
    expect(again.config).toEqual(config);
    expect(config.parameters).toMatchObject({
      'network.dense': { distribution: 'int_uniform' },
      lr: { distribution: 'uniform' },
    });
  });

  it.each([
    ['validation_accuracy', '', 'minimize an accuracy'],
    ['validation_loss', ', goal: maximize', 'maximize a loss'],
  ])('that looks for the worst of %s is warned of', async (name, goal, message) => {
    const text = `method: random\nmetric: {name: ${name}${goal}}\nparameters: {lr: {value: 1}}\n`;
    await put('project/configs/goal.yaml', text);
    const { warnings } = await resolveConfiguration('sweep', 'configs/goal.yaml', places);
    expect(warnings).toEqual([expect.stringContaining(message)]);
  });
});

describe('a wrong configuration is refused with file, line, column, key and what was expected:', () => {
  const file = 'configs/wrong.yaml';
  const sweep = 'method: random\nparameters:\n  lr: {min: 0.1, max: 0.2}\n';

  /** 9⁷ values in seven lines. */
  const bomb = `a0: &a0 [${'1,'.repeat(9)}]\n${[1, 2, 3, 4, 5, 6]
    .map((n) => `a${n}: &a${n} [${`*a${n - 1},`.repeat(9)}]\n`)
    .join('')}`;

  it.each<[string, string[]]>([
    [`${sweep}run_cpa: 3\n`, [`${file}:4:1 run_cpa: unknown key; did you mean "run_cap"?`]],
    [
      'method: random\nparameters:\n  lr:\n    min: 1\n    mx: 2\n',
      [`${file}:5:5 parameters.lr.mx: unknown key; did you mean "max"?`],
    ],
    [
      `${sweep}  netwrok.dense: {values: [3]}\n`,
      [`${file}:4:3 parameters.netwrok.dense: no such setting of a run; did you mean "network.dense"?`],
    ],
    [
      `${sweep}  batch_size: {values: [16, x]}\n`,
      [`${file}:4:29 parameters.batch_size.values.1: expected a whole number, found text`],
    ],
    [
      `${sweep}run_cap: 0\ntrain:\n  epochs: many\n  network: {name: cnn, filters: []}\n`,
      [
        `${file}:4:10 run_cap: expected at least 1`,
        `${file}:7:33 train.network.filters: expected at least 1 item`,
        `${file}:6:11 train.epochs: expected a whole number, found text`,
      ],
    ],
    [
      `${sweep}metric: {name: val_loss}\n`,
      [`${file}:4:16 metric.name: not one of the choices; did you mean "validation_loss"?`],
    ],
    [
      'parameters: {lr: {value: 1}}\n',
      [`${file}:1:1 method: missing; expected one of random, grid, bayes, tpe`],
    ],
    ['method: random\n', [`${file}:1:1 parameters: missing; expected a map of keys`]],
    [`${sweep}epochs: 2\n`, [`${file}:4:1 epochs: unknown key; did you mean "train.epochs"?`]],
    ['- 1\n', [`${file}:1:1: expected a map of keys, found a list`]],
  ])('%j', async (text, lines) => {
    const said = await refused(text);
    expect(said.sort()).toEqual([...lines].sort());
  });

  it('in every file of a pipeline, and where two settings together make no sense', async () => {
    const said = await refused('defaults: [sweep]\nsplit: {validation: 0.5, test: 0.5}\n', 'pipeline');
    expect(said).toEqual([`${file}:2:8 split: validation and test leave nothing to train on`]);
  });

  it.each<[string, string, string]>([
    ['a key twice', 'epochs: 1\nepochs: 2\n', ':2:1: this key is there twice'],
    ['a key twice, as text and as number', '1: 1\n"1": 2\n', ':2:1: this key is there twice'],
    ['an open bracket', 'epochs: [1, 2\nseed: 1\n', 'a bracket before it is still open'],
    ['an open quote', 'epochs: "1\n', 'a character is missing here'],
    ['two documents', 'a: 1\n---\nb: 2\n', 'a second document begins here'],
    ['tabs', 'epochs:\n\t3\n', ':2:1: a tab; indent with spaces'],
    ['a tag', 'epochs: !!js/function "x"\n', ':1:9: a tag that is not known'],
    ['an unknown alias', 'epochs: *there\n', ':1:9: an alias with no anchor before it'],
    ['a list as key', '? [a]\n: 1\n', ':1:3: expected a plain key'],
    ['a circle of aliases', 'a: &a [*a]\n', 'levels, with its aliases'],
    ['a bomb of aliases', bomb, 'more than 50000 values'],
    ['a megabyte', `# ${'x'.repeat(1024 * 1024)}\n`, 'larger than 1 MB'],
  ])('YAML with %s', async (_, text, message) => {
    const said = await refused(text, 'train');
    expect(said[0]).toContain(file);
    expect(said.join('\n')).toContain(message);
  });

  it.each([
    ['two keys on a line', 'source: uri: photos\n', ':1:9: a second key on one line'],
    ['a sign of its own before text', 'name: @photos\n', ':1:7: text that begins with a sign'],
    ['a comma too many', 'sizes: [1,, 2]\n', ':1:11: something that cannot stand here'],
    ['a key without its colon', 'epochs\nseed: 1\n', 'a key that is not on one line'],
  ])("YAML with %s in words, without the parser's code", async (_, text, message) => {
    const said = (await refused(text, 'train')).join('\n');
    expect(said).toContain(message);
    expect(said).not.toMatch(/[A-Z]_[A-Z]/);
  });

  it('that is a sweep where a training was expected, with what is known listed once', async () => {
    const said = await refused(`${sweep}run_cap: 3\nearly_terminate: none\n`, 'train');
    expect(said.filter((line) => line.includes('expected one of'))).toHaveLength(1);
    expect(said.at(-1)).toMatch(/^This looks like a sweep.*run sweep/);
    expect(await refused('sed: 1\n', 'train')).toEqual([
      `${file}:1:1 sed: unknown key; did you mean "seed"?`,
    ]);
  });

  it('without echoing what may be a secret', async () => {
    const secret = 'hunter2';
    const texts = [
      `name: "${secret}!"\nsource: {uri: "https://me:${secret}@example.com/x"}\nsweep: {method: ${secret}, parameters: {lr: {value: ${secret}}}}\n`,
      `source: "${secret}\n`,
      `source: {uri: ${secret}: ${secret}}\n`,
      `source: ${secret}\n${secret}\n`,
    ];
    for (const text of texts) {
      const said = (await refused(text, 'pipeline')).join('\n');
      expect(said).toContain('configs/wrong.yaml');
      expect(said).not.toContain(secret);
    }
    const failure = await failureOf(
      resolveConfiguration('train', { overrides: [secret, `lr=[${secret}`] }, places),
    );
    expect(failure.message).not.toContain(secret);
  });

  it('at most twenty lines of it', async () => {
    const said = await refused(
      Array.from({ length: 30 }, (_, n) => `unheard_of_${n}: 1\n`).join(''),
      'train',
    );
    expect(said).toHaveLength(21);
    expect(said[20]).toBe('… and 10 more');
  });
});

describe('defaults', () => {
  it('put files under their names, and what the file says itself goes over them, key by key', async () => {
    await put('project/c/sweep.yaml', `defaults: [train]\n${original}train:\n  epochs: 9\n`);
    await put('project/c/train.yaml', 'epochs: 3\nseed: 5\n');
    await put('project/c/all.yaml', 'defaults: [sweep]\nsweep:\n  run_cap: 2\n');
    const { config } = await resolveConfiguration('pipeline', 'c/all.yaml', places);
    expect(config.sweep).toMatchObject({ run_cap: 2, train: { epochs: 9, seed: 5 } });
  });

  it('keep telling where a mistake stands', async () => {
    await put('project/d/sweep.yaml', `defaults: [train]\n${original}`);
    await put('project/d/train.yaml', '# a run\nepochs: 3\nsed: 5\n');
    const failure = await failureOf(resolveConfiguration('sweep', 'd/sweep.yaml', places));
    expect(failure.message).toBe('d/train.yaml:3:1 train.sed: unknown key; did you mean "seed"?');
  });

  it.each([
    ['a: 1\ndefaults: [wrong]\n', 'defaults go round in a circle: configs/wrong.yaml → configs/wrong.yaml'],
    ['defaults: sweep\n', 'configs/wrong.yaml:1:11 defaults: expected a list of names'],
    [
      'defaults: [../x]\n',
      'configs/wrong.yaml:1:12 defaults: expected the name of a YAML file beside this one',
    ],
  ])('are refused: %j', async (text, message) => {
    expect((await refused(text)).join('\n')).toContain(message);
  });

  it('that name nothing are said by name', async () => {
    const failure = await failureOf(resolveConfiguration('train', { defaults: ['unheard'] }, places));
    expect([failure.type, failure.message]).toEqual([
      'not-found',
      'configs/unheard.yaml is not there; expected a configuration in YAML',
    ]);
  });
});

describe('overrides', () => {
  it('replace what files say, and may name parameters with dots in them', async () => {
    const overrides = [
      'run_cap=4',
      'parameters.lr.max=0.01',
      'parameters.network.dense.values=[8, 9]',
      'parameters.network.kernel.value=5',
      'parameters.momentum={min: 0.5, max: 0.9}',
      'train.augmentation.flip=false',
    ];
    const { config } = await resolveConfiguration('sweep', { config: undefined, overrides }, places);
    expect(config.run_cap).toBe(4);
    expect(config.train.augmentation.flip).toBe(false);
    expect(config.parameters).toMatchObject({
      lr: { min: 0.0005, max: 0.01 },
      'network.dense': { distribution: 'categorical', values: [8, 9] },
      'network.kernel': { distribution: 'constant', value: 5 },
      momentum: { distribution: 'uniform', min: 0.5, max: 0.9 },
    });
  });

  it('tell 1 from 1.0, too', async () => {
    const read = (max: string) =>
      resolveConfiguration('sweep', { overrides: [`parameters={lr: {min: 1, max: ${max}}}`] }, places);
    expect((await read('2')).config.parameters).toMatchObject({ lr: { distribution: 'int_uniform' } });
    expect((await read('2.0')).config.parameters).toMatchObject({ lr: { distribution: 'uniform' } });
  });

  it.each([
    ['parameters.lr.mx=1', 'override parameters.lr.mx: unknown key; did you mean "max"?'],
    ['parameters.lr.value=1', 'override parameters.lr.value: log_uniform_values has no use for it'],
    ['runcap=1', 'override runcap: unknown key; did you mean "run_cap"?'],
    ['train.epoch=1', 'override train.epoch: unknown key; did you mean "epochs"?'],
    ['run_cap', 'override 1: expected key.path=value, such as run_cap=4'],
    ['a..b=1', 'override 1: expected key.path=value'],
    ['run_cap=[', 'override run_cap:'],
    ['run_cap={a: [1]}', 'override run_cap: expected a whole number, found a map of keys'],
  ])('are refused with what was meant: %s', async (override, message) => {
    const failure = await failureOf(resolveConfiguration('sweep', { overrides: [override] }, places));
    expect(failure.type).toBe('configuration-invalid');
    expect(failure.message).toContain(message);
  });
});
