import { spawn, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { readSettings } from '../../contracts/schemas/settings';
import { findNative } from '../../native/find';
import { freePort } from './free-port';

/**
 * The program that stands in for Google Cloud Storage, or undefined where it isn't set up, as there is no Go to
 * compile it with.
 *
 * @throws Error in continuous integration where there is Go: its absence must not pass for success.
 */
export function findBucketEmulator(): string | undefined {
  const found = findNative('bucket-emulator', readSettings(process.env, process.cwd()).cache);
  if (found === undefined && process.env['CI'] === 'true' && spawnSync('go', ['version']).status === 0) {
    throw new Error('There is Go, but the bucket emulator is not set up. `npm test` does that before Jest.');
  }
  return found;
}

export interface BucketEmulator {
  /** Its address, for `gcsEndpoint`. */
  readonly endpoint: string;
  createBucket(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the emulator on a free port, its objects in memory. */
export async function startBucketEmulator(file: string): Promise<BucketEmulator> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const host = `127.0.0.1:${port}`;
  const options = ['-backend', 'memory', '-scheme', 'http', '-host', '127.0.0.1', '-port', String(port)];
  const child = spawn(
    file,
    [...options, '-public-host', host, '-external-url', endpoint, '-log-level', 'error'],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));

  for (;;) {
    if (child.exitCode !== null) throw new Error(`${file} ended with ${child.exitCode} when it was started.`);
    const answer = await fetch(`${endpoint}/_internal/healthcheck`).catch(() => undefined);
    if (answer?.ok === true) break;
    await sleep(20);
  }

  return {
    endpoint,
    async createBucket(name) {
      const answer = await fetch(`${endpoint}/storage/v1/b?project=emulator`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name }),
      });
      if (!answer.ok) throw new Error(`The emulator answered ${answer.status} to a new bucket.`);
    },
    async stop() {
      child.kill();
      await ended;
    },
  };
}
