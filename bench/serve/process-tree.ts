import { readdirSync, readFileSync } from 'node:fs';

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** CPU seconds, those of finished children included. */
  readonly cpu: number;
}

/** `getconf CLK_TCK` is 100 on every Linux that Node runs on. */
const ticks = 100;

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // It has ended meanwhile.
  }
}

function statOf(pid: number): Stat | undefined {
  const text = read(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The name, in parentheses, may hold spaces and parentheses itself; fields from the third on: proc(5).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const at = (field: number) => Number(fields[field - 3]);
  return { pid, parent: at(4), group: at(5), cpu: (at(14) + at(15) + at(16) + at(17)) / ticks };
}

/** A process, what it started, and what is left in its group of what has lost its parent. */
function treeOf(root: number): Stat[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? []);
  const found = new Map<number, Stat>();
  for (let grown = true; grown;) {
    grown = false;
    for (const stat of all) {
      if (found.has(stat.pid)) continue;
      if (stat.pid !== root && stat.group !== root && !found.has(stat.parent)) continue;
      found.set(stat.pid, stat);
      grown = true;
    }
  }
  return [...found.values()];
}

/** CPU seconds of a process and all that it started. */
export function cpuOf(root: number): number {
  return treeOf(root).reduce((sum, { cpu }) => sum + cpu, 0);
}

/** MiB of a process and all that it started; what they share counts once (PSS). */
export function memoryOf(root: number): number {
  const kib = treeOf(root).map(({ pid }) => {
    const text = read(`/proc/${pid}/smaps_rollup`) ?? '';
    return Number(/^Pss: +(\d+)/m.exec(text)?.[1] ?? 0);
  });
  return kib.reduce((sum, each) => sum + each, 0) / 1024;
}

/** Ends a process and all that it started. */
export function endTree(root: number): void {
  for (const { pid } of treeOf(root)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}
