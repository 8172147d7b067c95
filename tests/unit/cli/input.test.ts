import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { stripCodes } from '../../../cli/display/format';
import { modelName } from '../../../cli/model-name';
import { ownPictures, slug } from '../../../cli/own-pictures';
import { curlLine } from '../../../cli/serving-summary';
import { addresses, environmentWith } from '../../../cli/settings';
import { readTyped, startInput } from '../../../cli/start-input';
import { StopSignal } from '../../../cli/stop-signal';
import { workflowType } from '../../../cli/temporal/preflight';
import { reportError } from '../../../cli/report-error';
import { Failure } from '../../../contracts/failures';
import { readSettings } from '../../../contracts/schemas/settings';

describe('what is typed after `drover run`', () => {
  it('is one configuration and changes to it', () => {
    const typed = readTyped(['configs/sweep.yaml', 'run_cap=4', 'parameters.lr.max=0.01']);
    expect(startInput('sweep', typed, 'animals')).toEqual({
      config: 'configs/sweep.yaml',
      overrides: ['run_cap=4', 'parameters.lr.max=0.01'],
    });
    expect(startInput('pipeline', readTyped([]), 'animals')).toBeUndefined();
    expect(readTyped(['gs://bucket/a.yaml?x=1'])).toEqual({
      config: 'gs://bucket/a.yaml?x=1',
      overrides: [],
    });
  });

  it('is refused where two configurations are given', () => {
    expect(() => readTyped(['a.yaml', 'b.yaml'])).toThrow(/one at most/);
  });

  it('makes the input of the other types from its pairs', () => {
    expect(startInput('ingest', readTyped(['source.uri=./photos']), 'pets')).toEqual({
      name: 'pets',
      source: { uri: './photos' },
    });
    expect(startInput('promote', readTyped(['version=3']), 'pets')).toMatchObject({
      model: 'pets',
      version: 3,
    });
    expect(() => startInput('promote', readTyped([]), 'pets')).toThrow(/needs version/);
    expect(() => startInput('evaluate', readTyped(['configs/x.yaml']), 'pets')).toThrow(/key=value/);
  });
});

describe('a workflow type', () => {
  it('that is nearly right gets the right one named', () => {
    expect(workflowType('sweep')).toBe('sweep');
    expect(() => workflowType('Swepp')).toThrow(/Did you mean "sweep"/);
    expect(() => workflowType('xyzzy')).toThrow(/Known are pipeline, sweep/);
  });
});

describe('one’s own pictures', () => {
  it('need a folder with one sub-folder a class, and are named for it', async () => {
    const root = await mkdtemp(join(tmpdir(), 'drover-'));
    const folder = join(root, 'My Photos (2)');
    await expect(ownPictures(folder, root)).rejects.toThrow(/There is no folder/);
    await mkdir(join(folder, 'cat'), { recursive: true });
    await expect(ownPictures(folder, root)).rejects.toThrow(/one sub-folder/);
    await mkdir(join(folder, 'dog'));
    expect(await ownPictures('./My Photos (2)', root)).toEqual({ uri: folder, folder, name: 'my-photos-2' });
  });

  it('may be an archive, a manifest or an address, named for its last part', async () => {
    const root = await mkdtemp(join(tmpdir(), 'drover-'));
    await writeFile(join(root, 'Pets.tar.gz'), '');
    expect(await ownPictures('Pets.tar.gz', root)).toEqual({
      uri: join(root, 'Pets.tar.gz'),
      folder: root,
      name: 'pets',
    });
    const names = [
      'gs://bucket/my photos/',
      'gs://pets',
      'https://example.org/a/pets.zip?v=1',
      'kaggle://ada/animals10',
    ];
    const found = await Promise.all(names.map((uri) => ownPictures(uri, root)));
    expect(found.map(({ name }) => name)).toEqual(['my-photos', 'pets', 'pets', 'animals10']);
    expect(found.map(({ uri }) => uri)).toEqual(names);
  });

  it('get a name that may stand in keys and ids', () => {
    expect(['Été', '___', 'a'.repeat(80), '日本'].map(slug)).toEqual([
      'ete',
      'pictures',
      'a'.repeat(63),
      'pictures',
    ]);
  });
});

describe('the model that a command is about', () => {
  it('is the override’s, else the environment’s, else the configuration’s, else the default', async () => {
    const project = await mkdtemp(join(tmpdir(), 'drover-'));
    const settings = readSettings({}, project);
    expect(await modelName(settings, {})).toBe('animals');
    await mkdir(join(project, 'configs'));
    await writeFile(join(project, 'configs', 'pipeline.yaml'), 'name: pets\n');
    expect(await modelName(settings, {})).toBe('pets');
    const environment = { DROVER_MODEL: 'birds' };
    expect(await modelName(readSettings(environment, project), environment)).toBe('birds');
    expect(await modelName(settings, environment, ['name=fish'])).toBe('fish');
  });
});

describe('settings as flags', () => {
  it('win over the environment, and leave it alone where they are not given', () => {
    const environment = environmentWith({ apiPort: '9000' }, { DROVER_API_PORT: '1', DROVER_HOME: '/h' });
    expect(environment).toEqual({ DROVER_API_PORT: '9000', DROVER_HOME: '/h' });
  });

  it('give addresses that a browser can open', () => {
    expect(addresses(readSettings({ DROVER_API_HOST: '0.0.0.0' }, '/p'))).toEqual({
      api: 'http://127.0.0.1:8080',
      ui: 'http://127.0.0.1:8233',
    });
    expect(
      addresses(readSettings({ TEMPORAL_ADDRESS: 'temporal:7233', DROVER_API_HOST: '::1' }, '/p')),
    ).toEqual({
      api: 'http://[::1]:8080',
    });
  });
});

describe('the line to paste', () => {
  it('is the plain one where the path is plain, and quoted where it is not', () => {
    expect(curlLine('http://127.0.0.1:8080', '.drover/example-cat.png')).toBe(
      'curl -X POST localhost:8080/get_prediction -F "image=@.drover/example-cat.png"',
    );
    expect(curlLine('http://127.0.0.1:8080', '/a;b/c.png')).toContain(`-F 'image=@"/a;b/c.png"'`);
  });
});

describe('a stop', () => {
  it('is one where npm passes on what the terminal sent already, and is forced by a later second', () => {
    let forced = 0;
    const stopping = new StopSignal(() => (forced += 1));
    stopping.press(1000);
    stopping.press(1010);
    expect([stopping.signal.aborted, forced, stopping.failure]).toEqual([true, 0, undefined]);
    stopping.press(5000);
    expect(forced).toBe(1);
  });

  it('by a failure keeps the failure', async () => {
    const stopping = new StopSignal(() => undefined);
    stopping.fail(new Error('broken'));
    await stopping.wait();
    expect(stopping.failure).toEqual(new Error('broken'));
  });
});

describe('an error', () => {
  const said = (error: unknown, environment = {}): string => {
    const lines: string[] = [];
    expect(reportError(error, environment, (line) => lines.push(line))).toBe(1);
    return lines.join('\n');
  };

  it('is a title and what to do, without a stack unless that is asked for', () => {
    const failure = new Failure('port-in-use', 'Port 8080 is taken.', { cause: new Error('inner') });
    expect(said(failure)).toContain('A port is in use.');
    expect(said(failure)).not.toContain('at ');
    expect(said(failure, { DROVER_LOG_LEVEL: 'debug' })).toContain('caused by: Error: inner');
    expect(said(new TypeError('x is undefined'))).toContain('defect in Drover');
  });

  it('of several lines begins below its title', () => {
    expect(stripCodes(said(new Failure('configuration-invalid', 'a: wrong\nb: wrong')))).toBe(
      '✗ The configuration is not valid.\na: wrong\nb: wrong',
    );
  });
});
