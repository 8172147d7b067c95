import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { logs } from '../../cli/commands/logs';
import { reset } from '../../cli/commands/reset';
import { stop } from '../../cli/commands/stop';
import { Console } from '../../cli/display/console';
import { plainColours } from '../../cli/display/format';
import type { ChildSpec } from '../../cli/processes/child';
import { identify, isAlive } from '../../cli/processes/identity';
import { readLedger, writeLedger } from '../../cli/processes/ledger';
import { endLeftovers, runningLedger, takeHome } from '../../cli/processes/leftovers';
import { lastLines, logPath } from '../../cli/processes/log-files';
import { checkPorts } from '../../cli/processes/ports';
import { Supervisor } from '../../cli/processes/supervisor';
import type { Failure } from '../../contracts/failures';
import type { Ledger, ProcessIdentity } from '../../contracts/schemas/processes';

const script = require.resolve('../support/long-lived.js');
const policy = { delay: 20, mostDelay: 50, wellAfter: 5000, mostDeaths: 3 };

let home: string;
let said: string[];
let failures: Failure[];
let supervisor: Supervisor;
let outer: ChildProcess | undefined;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'drover-'));
  said = [];
  failures = [];
  supervisor = new Supervisor({
    home,
    addresses: { api: 'http://127.0.0.1:1' },
    model: 'animals',
    say: (line) => said.push(line),
    gaveUp: (failure) => failures.push(failure),
    policy,
  });
});

afterEach(async () => {
  supervisor.kill();
  outer?.kill('SIGKILL');
  outer = undefined;
  await endOrphans();
});

/** Whatever a failed test left, so that it doesn't outlive it. */
async function endOrphans(): Promise<void> {
  for (const child of (await readLedger(home))?.children ?? []) {
    if (await isAlive(child)) process.kill(child.pid, 'SIGKILL');
  }
}

function spec(name: string, how: string, grace = 5000): ChildSpec {
  return { name, command: process.execPath, args: [script, how], env: process.env, cwd: home, grace };
}

async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await sleep(20);
  }
}

/** The recorded process of this name, once it has written its first line. */
function recorded(name: string, not = 0): Promise<ProcessIdentity> {
  return until(async () => {
    const child = (await readLedger(home))?.children.find((each) => each.name === name && each.pid !== not);
    if (!child) return undefined;
    const lines = await lastLines(logPath(home, name), 50);
    return lines.some((line) => line.endsWith(` ${child.pid}`)) ? child : undefined;
  });
}

describe('a supervisor', () => {
  it('starts a process again that was killed, and writes down the new one', async () => {
    supervisor.start(spec('worker', 'well'));
    const first = await recorded('worker');
    process.kill(first.pid, 'SIGKILL');
    const second = await recorded('worker', first.pid);
    expect(await isAlive(second)).toBe(true);
    expect(said.join()).toContain('worker ended (SIGKILL); starting it again');
  });

  it('gives up on one that keeps dying, with the end of its log', async () => {
    supervisor.start(spec('worker', 'broken'));
    const failure = await until(() => failures[0]);
    expect(failure.message).toMatch(/worker ended 3 times in a row, the last time with exit code 3/);
    expect(failure.message).toContain('cannot find the thing');
  });

  it('gives up on one that cannot even be started', async () => {
    supervisor.start({ ...spec('temporal', 'well'), command: join(home, 'nothing-here') });
    expect((await until(() => failures[0])).message).toContain('ENOENT');
  });

  it('ends its processes in the order given, by force where one does not listen, and forgets them', async () => {
    supervisor.start(spec('temporal', 'deaf', 200));
    supervisor.start(spec('api', 'well'));
    const processes = [await recorded('temporal'), await recorded('api')];
    await supervisor.stop([['api'], ['temporal']]);
    expect(said).toEqual(['Ending api …', 'Ending temporal …']);
    for (const each of processes) expect(await isAlive(each)).toBe(false);
    expect(await readLedger(home)).toBeUndefined();
  });
});

describe('what a killed supervisor left', () => {
  async function startOuter(): Promise<ChildProcess> {
    outer = spawn(
      process.execPath,
      ['--import', 'tsx', join(__dirname, '..', 'support', 'supervise.ts'), home, script],
      {
        stdio: 'ignore',
        cwd: join(__dirname, '..', '..'),
      },
    );
    return outer;
  }

  it('ends by itself where it is tied, and is found and ended where it is not', async () => {
    const running = await startOuter();
    const [tied, deaf] = [await recorded('worker'), await recorded('temporal')];
    await expect(endLeftovers(home)).rejects.toThrow(/already running .*process \d+/);
    running.kill('SIGKILL');
    await until(async () => !(await isAlive(tied)));
    expect(await isAlive(deaf)).toBe(true);
    expect(await runningLedger(home)).toBeUndefined();
    expect(await endLeftovers(home, 100)).toEqual(['temporal']);
    expect(await isAlive(deaf)).toBe(false);
    expect(await endLeftovers(home)).toEqual([]);
  });

  it('is ended through its supervisor by `drover stop` while that is alive', async () => {
    await startOuter();
    const worker = await recorded('worker');
    await recorded('temporal');
    const { out, text } = captured();
    await stop({ home }, outside(), out);
    expect(text()).toMatch(/Ending Drover/);
    expect(await isAlive(worker)).toBe(false);
    await stop({ home }, outside(), out);
    expect(text()).toMatch(/Nothing runs/);
  });

  it('never takes another process for it that was given the same number', async () => {
    const self = await identify(process.pid);
    if (!self) throw new Error('this process has an identity');
    const other = { ...self, started: 'another time' };
    await writeLedger(home, ledgerOf(other, [{ ...other, name: 'worker' }]));
    expect(await endLeftovers(home)).toEqual([]);
    expect(await identify(process.pid)).toEqual(self);
  });

  it('is found by its data where no ledger names it', async () => {
    const args = [script, 'deaf', '--db-filename', join(home, 'temporal.db'), '--ip', '127.0.0.1'];
    outer = spawn(process.execPath, args, { stdio: 'ignore', detached: true });
    const server = await until(() => identify(outer?.pid ?? 0));
    await until(async () => (await identify(server.pid))?.command.includes('--db-filename'));
    expect(await endLeftovers(home, 100)).toEqual(['temporal']);
    expect(await isAlive(server)).toBe(false);
  });

  it('is nothing where the file is not what was written', async () => {
    await writeFile(join(home, 'processes.json'), '{"supervisor": {"pid": 1}}');
    expect(await endLeftovers(home)).toEqual([]);
  });
});

describe('a home', () => {
  it('is one start’s alone, of several at the same moment', async () => {
    const starts = await Promise.allSettled([1, 2, 3].map(() => takeHome(home, () => supervisor.write())));
    expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await runningLedger(home)).toBeDefined();
    await supervisor.stop([]);
    expect(await readLedger(home)).toBeUndefined();
  });

  it('stays its owner’s where another supervisor ends', async () => {
    const self = await identify(process.pid);
    if (!self) throw new Error('this process has an identity');
    await writeLedger(home, ledgerOf({ ...self, started: 'another time' }, []));
    await supervisor.stop([]);
    expect(await readLedger(home)).toBeDefined();
  });
});

describe('a port in use', () => {
  it('is named with who holds it and what chooses another', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await until(() => (server.listening ? true : undefined));
    const { port } = server.address() as AddressInfo;
    const need = {
      port,
      host: '127.0.0.1',
      what: 'the API',
      flag: '--api-port',
      variable: 'DROVER_API_PORT',
    };
    await expect(checkPorts([need])).rejects.toThrow(
      new RegExp(
        `Port ${port}, for the API, is in use.*process ${process.pid}.*--api-port or DROVER_API_PORT`,
      ),
    );
    await new Promise((resolve) => server.close(resolve));
    await checkPorts([need]);
  });
});

describe('`drover reset`', () => {
  it('removes only what Drover makes, and keeps the data where it is told to', async () => {
    await mkdir(join(home, 'store', 'models'), { recursive: true });
    await writeFile(join(home, 'store', 'models', 'a'), 'x');
    await writeFile(join(home, 'temporal.db'), 'x');
    await writeFile(join(home, 'mine.txt'), 'x');
    const { out, text } = captured();
    await reset({ home, yes: true, keepData: true }, outside(), out);
    expect(await readFile(join(home, 'store', 'models', 'a'), 'utf8')).toBe('x');
    await expect(readFile(join(home, 'temporal.db'))).rejects.toThrow();
    await reset({ home, yes: true }, outside(), out);
    await expect(readFile(join(home, 'store', 'models', 'a'))).rejects.toThrow();
    expect(await readFile(join(home, 'mine.txt'), 'utf8')).toBe('x');
    expect(text()).toContain('pictures, runs, models');
    await reset({ home }, outside(), out);
    expect(text()).toContain('There is nothing');
  });

  it('refuses while Drover runs', async () => {
    const self = await identify(process.pid);
    if (!self) throw new Error('this process has an identity');
    await writeLedger(home, ledgerOf(self, []));
    await expect(reset({ home, yes: true }, outside(), captured().out)).rejects.toThrow(/drover stop/);
  });
});

describe('`drover logs`', () => {
  it('shows the last lines of each process, and names those there are for a wrong name', async () => {
    await mkdir(join(home, 'logs'));
    await writeFile(join(home, 'logs', 'api.log'), 'one\ntwo\nthree\n');
    await writeFile(join(home, 'logs', 'worker.log'), 'four\n');
    const { out, text } = captured();
    await logs(undefined, { home, lines: '2' }, outside(), out);
    expect(text()).toBe('api     two\napi     three\nworker  four\n');
    await expect(logs('gpu', { home, lines: '2' }, outside(), out)).rejects.toThrow(/there are api, worker/);
  });
});

function outside() {
  return { environment: {}, folder: home, program: '' };
}

function captured(): { out: Console; text: () => string } {
  let written = '';
  const out = new Console({ write: (text) => (written += text) }, plainColours, false);
  return { out, text: () => written };
}

function ledgerOf(self: ProcessIdentity, children: Ledger['children']): Ledger {
  return { supervisor: self, children, addresses: { api: 'http://127.0.0.1:1' }, model: 'animals' };
}
