import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../contracts/error-code';
import { Failure } from '../contracts/failures';
import { thisMachine } from '../native/world';
import { bytes } from './display/format';

/** Less than this and not even the sample's pictures, checkpoints and histories fit. */
const leastRoom = 100_000_000;

/**
 * Makes the home's folder and tries to write there, before anything is started.
 *
 * @throws Failure `start-refused` where it can't be written, or where the disk has no room for the work.
 */
export async function prepareHome(home: string, freeBytes = thisMachine().freeBytes): Promise<void> {
  try {
    await mkdir(home, { recursive: true });
    const trial = join(home, `trial.${process.pid}.tmp`);
    await writeFile(trial, 'x');
    await rm(trial);
  } catch (error) {
    throw homeFailure(error, home);
  }
  const free = await freeBytes(home);
  if (free < leastRoom) {
    throw new Failure(
      'start-refused',
      `Only ${bytes(free)} are free in ${home}, and ${bytes(leastRoom)} are needed at least. Free some space, ` +
        'or choose another place: DROVER_HOME=/a/folder/with/room',
    );
  }
}

const faults: Readonly<Record<string, string>> = {
  ENOSPC: 'its disk is full: free some space',
  EDQUOT: 'the disk quota is used up: free some space',
  EACCES: 'it may not be written by this user: allow it',
  EPERM: 'it may not be written by this user: allow it',
  EROFS: 'it is mounted read-only: allow writing',
  ENOTDIR: 'a file stands in its way: remove that',
  EEXIST: 'a file stands in its way: remove that',
};

/** What the system's error means to whoever chose the home; any other error passes through unchanged. */
export function homeFailure(error: unknown, home: string): unknown {
  const fault = faults[errorCode(error) ?? ''];
  if (fault === undefined || error instanceof Failure || isElsewhere(error, home)) return error;
  return new Failure(
    'start-refused',
    `Drover's state can't be written in ${home}: ${fault}, or choose another place: DROVER_HOME=/a/folder/of/yours`,
    { cause: error },
  );
}

function isElsewhere(error: unknown, home: string): boolean {
  const path = typeof error === 'object' && error !== null && 'path' in error ? error.path : undefined;
  return typeof path === 'string' && !path.startsWith(home) && !home.startsWith(path);
}
