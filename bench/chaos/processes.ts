import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  /** T: stopped; Z: ended, and nobody has asked how. */
  readonly state: string;
  /** Its `DROVER_HOME`. */
  readonly home: string | undefined;
}

/** What runs on this machine, as far as it may be seen; see proc(5). */
export function listProcesses(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
}

export function readProcess(pid: number): ProcessEntry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', parent = '0'] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    const home = environment.find((each) => each.startsWith('DROVER_HOME='))?.slice('DROVER_HOME='.length);
    return { pid, parent: Number(parent), command, state, home };
  } catch {
    // It has ended meanwhile, or is another user's.
    return undefined;
  }
}

/** The process and all that came of it, itself first. */
export function withDescendants(root: number, all: readonly ProcessEntry[]): ProcessEntry[] {
  const self = all.filter(({ pid }) => pid === root);
  const children = all.filter(({ pid, parent }) => parent === root && pid !== root);
  return [...self, ...children.flatMap(({ pid }) => withDescendants(pid, all))];
}

/** Processes of a home that descend from none of those that may be there. */
export function orphansOf(
  home: string,
  roots: readonly number[],
  all: readonly ProcessEntry[],
): ProcessEntry[] {
  const allowed = new Set(roots.flatMap((root) => withDescendants(root, all)).map(({ pid }) => pid));
  return all.filter((each) => each.home === home && each.state !== 'Z' && !allowed.has(each.pid));
}

/** @returns false where it is gone */
export function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
