import { beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { readSettings } from '../../contracts/schemas/settings';
import { ensureNative } from '../../native/ensure';
import { findNative } from '../../native/find';

const root = join(__dirname, '..', '..');
const { cache } = readSettings(process.env, root);

beforeAll(async () => {
  await ensureNative(['temporal'], { cache, report: () => {} });
}, 600_000);

describe('the real Temporal CLI', () => {
  it('runs, at a version that Drover can use', () => {
    const temporal = findNative('temporal', cache) ?? '';
    const { stdout } = spawnSync(temporal, ['--version'], { encoding: 'utf8' });
    expect(stdout).toMatch(/^temporal version 1\.\d+/);
  });

  it('is what our own command runs, with its exit code', () => {
    const command = join(root, 'bin', 'temporal.js');
    const version = spawnSync(process.execPath, [command, '--version'], { encoding: 'utf8' });
    expect(version).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringMatching(/^temporal version/),
    });
    expect(spawnSync(process.execPath, [command, 'no-such-command']).status).toBe(1);
  });

  it('is ended with our own command', async () => {
    const args = [join(root, 'bin', 'temporal.js'), 'server', 'start-dev', '--headless', '--port', '48771'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    // The pipe closes only when the server itself, which holds it too, has ended.
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
  });
});

describe('native/setup.ts', () => {
  const run = (...parts: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', join(root, 'native', 'setup.ts'), ...parts], {
      encoding: 'utf8',
      cwd: root,
    });

  it('prints plain lines where there is no terminal', () => {
    expect(run('temporal')).toMatchObject({ status: 0, stdout: 'Temporal: ready\n', stderr: '' });
  });

  it('names the parts where one is misspelt', () => {
    expect(run('tempral')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('temporal, tensorflow'),
    });
  });
});
