import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { ProcessIdentity } from '../../contracts/schemas/processes';

const run = promisify(execFile);

/** The process that has this number now, or undefined where there is none (a zombie counts as none). */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

/** Whether the process that was recorded is still the one with that number. */
export async function isAlive(recorded: ProcessIdentity): Promise<boolean> {
  const now = await identify(recorded.pid);
  return now?.started === recorded.started && now.command === recorded.command;
}

/** proc(5): in `/proc/pid/stat`, after the name in brackets, field 3 is the state and field 22 the start. */
async function fromProc(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const started = fields[19];
    if (started === undefined || fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').join(' ').trim();
    return { pid, started, command };
  } catch {
    return undefined;
  }
}

async function fromPs(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const [state, started, command] = await Promise.all(
      ['state=', 'lstart=', 'command='].map(async (column) => {
        const { stdout } = await run('ps', ['-o', column, '-p', String(pid)]);
        return stdout.trim();
      }),
    );
    if (!state || state.startsWith('Z') || !started || command === undefined) return undefined;
    return { pid, started, command };
  } catch {
    return undefined;
  }
}
