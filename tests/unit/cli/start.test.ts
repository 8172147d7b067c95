import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { start } from '../../../cli/commands/start';
import { Console } from '../../../cli/display/console';
import { plainColours, shellWord } from '../../../cli/display/format';
import { homeFailure, prepareHome } from '../../../cli/home';
import { nameChange } from '../../../cli/model-name';
import { lastComplaint, logPath } from '../../../cli/processes/log-files';
import { untilAnswers } from '../../../cli/serve';
import { patiently } from '../../../cli/temporal/patience';
import { readSettings } from '../../../contracts/schemas/settings';

let folder: string;
const never = new AbortController().signal;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-'));
});

describe('a home', () => {
  it('without room is refused before anything starts, with what chooses another', async () => {
    await expect(prepareHome(folder, async () => 1_000_000)).rejects.toThrow(
      /Only 1\.0 MB are free .*DROVER_HOME=/,
    );
    await prepareHome(join(folder, 'new'), async () => 1e12);
  });

  it('that cannot be a folder is no defect', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(prepareHome(join(folder, 'file', 'home'))).rejects.toThrow(
      /can't be written .*DROVER_HOME=/,
    );
  });

  it('is not blamed for what failed elsewhere', () => {
    const elsewhere = Object.assign(new Error('EACCES'), { code: 'EACCES', path: '/usr/bin/x' });
    expect(homeFailure(elsewhere, folder)).toBe(elsewhere);
    const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    expect(homeFailure(full, folder)).toMatchObject({ type: 'start-refused' });
  });
});

describe('the model that DROVER_MODEL names', () => {
  it('is the one that is trained, too', async () => {
    const settings = readSettings({}, folder);
    expect(await nameChange(settings, 'pets', [])).toEqual(['name=pets']);
    expect(await nameChange(settings, 'animals', [])).toEqual([]);
    await mkdir(join(folder, 'configs'));
    await writeFile(join(folder, 'configs', 'pipeline.yaml'), 'name: pets\n');
    expect(await nameChange(settings, 'pets', [])).toEqual([]);
    expect(await nameChange(settings, 'birds', ['name=birds'])).toEqual([]);
  });
});

describe('pictures in a folder whose path holds a colon', () => {
  it('are refused with a word about it, since colons separate the folders that are allowed', async () => {
    for (const name of ['cat', 'dog']) await mkdir(join(folder, 'a:b', name), { recursive: true });
    const project = join(folder, 'project');
    await mkdir(project);
    const outside = { environment: {}, folder: project, program: '' };
    const out = new Console({ write: () => true }, plainColours, false);
    const started = start({ data: '../a:b', overrides: [], pipeline: true }, outside, out);
    await expect(started).rejects.toThrow(/holds a colon/);
  });
});

describe('a command to paste', () => {
  it('quotes what a shell would take apart', () => {
    expect(shellWord('sweep.run_cap=4')).toBe('sweep.run_cap=4');
    expect(shellWord(`source.uri="/Bob's #2"`)).toBe(`'source.uri="/Bob'\\''s #2"'`);
  });
});

describe('an API that does not answer', () => {
  it('is explained once, and waited for all the same', async () => {
    let ready = false;
    const server = createServer((_, response) => response.writeHead(ready ? 200 : 503).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    let explained = 0;
    await untilAnswers(
      `http://127.0.0.1:${port}`,
      never,
      async () => {
        explained += 1;
        setTimeout(() => (ready = true), 500);
      },
      1,
    );
    expect(explained).toBe(1);
    server.close();
  });

  it('is explained by the last error of its log, or by its last words', async () => {
    expect(await lastComplaint(folder, 'api')).toBeUndefined();
    await mkdir(join(folder, 'logs'));
    const lines = [
      '{"level":"error","message":"the model did not load","error":{"message":"digest differs"}}',
      '{"level":"info","message":"Listening"}',
    ];
    await writeFile(logPath(folder, 'api'), `${lines.join('\n')}\n`);
    expect(await lastComplaint(folder, 'api')).toBe('the model did not load: digest differs');
    await writeFile(logPath(folder, 'api'), 'Killed\n');
    expect(await lastComplaint(folder, 'api')).toBe('Killed');
  });
});

describe('a Temporal server that is away', () => {
  const refusal = (code: number) => Object.assign(new Error('no'), { code, details: 'no', metadata: {} });

  it('is asked again until it is back', async () => {
    let asked = 0;
    const answer = await patiently(async () => {
      asked += 1;
      if (asked < 3) throw refusal(14);
      return asked;
    }, never);
    expect(answer).toBe(3);
  });

  it('is not asked again where it refused, nor after it was waited for long enough', async () => {
    let asked = 0;
    const ask = (code: number) => async () => {
      asked += 1;
      throw refusal(code);
    };
    await expect(patiently(ask(3), never)).rejects.toMatchObject({ code: 3 });
    await expect(patiently(ask(14), never, 0)).rejects.toMatchObject({ code: 14 });
    expect(asked).toBe(2);
  });
});
