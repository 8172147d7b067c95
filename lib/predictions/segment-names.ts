import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { errorCode } from '../../contracts/error-code';

/** A process, as the names in a spool tell it from others that may use the same folder. */
export interface SpoolOwner {
  /** The machine since it was started, and of its containers which: where a process's number means something. */
  readonly world: string;
  readonly pid: number;
}

/** A file of the spool: `<time>-<world>-<pid>-<random>.open`, and when nothing more comes to it `….<bytes>.seg`. */
export interface SegmentName extends SpoolOwner {
  readonly file: string;
  /** When it was begun, milliseconds since 1970. */
  readonly begun: number;
  /** Missing while it is written. */
  readonly bytes?: number;
}

/** A folder of the spool that holds what is being shipped: `<world>-<pid>-<random>.batch`; `….done` once it is shipped. */
export interface BatchName extends SpoolOwner {
  readonly folder: string;
  readonly done: boolean;
}

const segmentPattern = /^(\d{13})-([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.(?:open|(\d+)\.seg)$/;
const batchPattern = /^([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.(batch|done)$/;

let world: string | undefined;

function orNothing(read: () => string): string {
  try {
    return read();
  } catch {
    // Not Linux: the host's name alone must do, and what its process has left is taken after a while.
    return '';
  }
}

export function ownWorld(): string {
  world ??= createHash('sha256')
    .update(hostname())
    .update(orNothing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')))
    .update(orNothing(() => readlinkSync('/proc/self/ns/pid')))
    .digest('hex')
    .slice(0, 8);
  return world;
}

function random(): string {
  return randomBytes(4).toString('hex');
}

export function newSegment(begun: number): string {
  return `${begun}-${ownWorld()}-${process.pid}-${random()}.open`;
}

/** What a segment of that many bytes is called from when it is closed. */
export function closedName(open: string, bytes: number): string {
  return open.replace(/open$/, `${bytes}.seg`);
}

export function newBatch(): string {
  return `${ownWorld()}-${process.pid}-${random()}.batch`;
}

export function doneName(batch: string): string {
  return batch.replace(/batch$/, 'done');
}

/** Undefined where the name is of something else. */
export function readSegmentName(file: string): SegmentName | undefined {
  const [, begun = '', owner = '', pid = '', bytes] = segmentPattern.exec(file) ?? [];
  if (begun === '') return undefined;
  const name = { file, begun: Number(begun), world: owner, pid: Number(pid) };
  return bytes === undefined ? name : { ...name, bytes: Number(bytes) };
}

/** Undefined where the name is of something else. */
export function readBatchName(folder: string): BatchName | undefined {
  const [, owner = '', pid = '', state] = batchPattern.exec(folder) ?? [];
  return state === undefined ? undefined : { folder, world: owner, pid: Number(pid), done: state === 'done' };
}

/** Whether a file's process has ended: undefined where that can't be known from here. */
export function hasEnded(owner: SpoolOwner): boolean | undefined {
  if (owner.world !== ownWorld()) return undefined;
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return errorCode(error) === 'ESRCH';
  }
}
