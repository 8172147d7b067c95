import type { Queue } from './names';

/** What Temporal's UI and its list of workers call a worker: its queue, machine, process, and activities at once. */
export function workerIdentity(queue: Queue, host: string, pid: number, slots: number): string {
  return `${queue}@${host}:${pid}/${slots}`;
}

/** The activities at once of a worker that is called so; 1 of one from before 0.2.0, whose name doesn't say. */
export function slotsIn(identity: string): number {
  return Number(/\/(\d+)$/.exec(identity)?.[1] ?? 1);
}

/** The machine of a worker that is called so, or the name that it was given. */
export function hostIn(identity: string): string {
  return /^[^@]*@(.*):\d+(?:\/\d+)?$/.exec(identity)?.[1] ?? '';
}
