import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { init } from '../../cli/commands/init';
import { Console } from '../../cli/display/console';
import { plainColours } from '../../cli/display/format';

const run = promisify(execFile);
const root = join(__dirname, '..', '..');

describe('`drover init`', () => {
  it('makes a project whose own `drover` runs after npm install, with Drover’s configurations', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drover-'));
    const outside = { environment: {}, folder, program: join(root, 'bin', 'drover.js') };
    let said = '';
    const out = new Console({ write: (text) => (said += text) }, plainColours, false);
    await init('My Pets', outside, out);
    expect(said).toContain('cd My Pets');

    const project = join(folder, 'My Pets');
    expect((await readdir(project)).sort()).toEqual([
      '.gitignore',
      '.npmrc',
      'README.md',
      'configs',
      'package.json',
      'photos',
    ]);
    expect(await readFile(join(project, 'configs', 'sweep.yaml'), 'utf8')).toBe(
      await readFile(join(root, 'configs', 'sweep.yaml'), 'utf8'),
    );
    expect(await readFile(join(project, 'README.md'), 'utf8')).toMatch(/^# my-pets\n/);
    // Nothing is downloaded: the project's one dependency is this folder.
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund'], { cwd: project });
    const { stdout } = await run('npx', ['--no-install', 'drover', 'status', '--json'], { cwd: project });
    expect(JSON.parse(stdout)).toMatchObject({ running: false, champion: null });

    await expect(init('My Pets', outside, out)).rejects.toThrow(/not empty/);
  });
});
