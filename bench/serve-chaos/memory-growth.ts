import { readFileSync } from 'node:fs';
import { createRandom } from '../../lib/random';

/** Resident memory of a process at a time. */
export interface MemorySample {
  readonly minute: number;
  readonly mib: number;
  /** A restart begins another stretch, whose level says nothing of the one before. */
  readonly pid: number;
}

export interface Growth {
  /** MiB a minute. */
  readonly slope: number;
  readonly low: number;
  readonly high: number;
  readonly samples: number;
}

/** MiB; undefined where the process has ended. */
export function residentOf(pid: number): number | undefined {
  try {
    const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return found === undefined ? undefined : Number(found) / 1024;
  } catch {
    return undefined;
  }
}

/** A process that has just started grows; so long after its first sample it does not count. */
const settlingMinutes = 1;
const blockMinutes = 0.5;
const resamples = 2000;

function settled(samples: readonly MemorySample[]): MemorySample[] {
  const first = new Map<number, number>();
  return samples.filter(({ pid, minute }) => {
    if (!first.has(pid)) first.set(pid, minute);
    return minute - (first.get(pid) ?? 0) >= settlingMinutes;
  });
}

function groupsOf<T>(values: readonly T[], key: (value: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const value of values) groups.set(key(value), [...(groups.get(key(value)) ?? []), value]);
  return [...groups.values()];
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Least squares of one slope with a level of its own for each process. */
function slopeOf(samples: readonly MemorySample[]): number {
  let [above, below] = [0, 0];
  for (const stretch of groupsOf(samples, ({ pid }) => String(pid))) {
    const minute = meanOf(stretch.map((sample) => sample.minute));
    const mib = meanOf(stretch.map((sample) => sample.mib));
    for (const sample of stretch) {
      above += (sample.minute - minute) * (sample.mib - mib);
      below += (sample.minute - minute) ** 2;
    }
  }
  return above / below;
}

/**
 * How memory grows, with the interval of 95 of 100 resamples: of blocks of half a minute and not of samples, since neighbours
 * are alike (Künsch, 1989).
 */
export function growthOf(samples: readonly MemorySample[]): Growth {
  const counted = settled(samples);
  const blocks = groupsOf(counted, ({ pid, minute }) => `${pid} ${Math.floor(minute / blockMinutes)}`);
  const random = createRandom(1).fork('bootstrap');
  const slopes = Array.from({ length: resamples }, () =>
    slopeOf(blocks.flatMap(() => blocks[random.int(blocks.length)] ?? [])),
  ).toSorted((a, b) => a - b);
  const at = (share: number) => slopes[Math.round(share * (resamples - 1))] ?? NaN;
  return { slope: slopeOf(counted), low: at(0.025), high: at(0.975), samples: counted.length };
}
