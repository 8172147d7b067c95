import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const program = 'fake-gcs-server';

function goFolder(): string[] {
  try {
    return [path.join(execFileSync('go', ['env', 'GOPATH'], { encoding: 'utf8' }).trim(), 'bin')];
  } catch {
    return [];
  }
}

/** The program that stands in for Google Cloud Storage, or undefined where this machine has none. */
export function findBucketEmulator(): string | undefined {
  const native = path.join(homedir(), '.cache/drover/native');
  const folders = [
    ...(existsSync(native) ? readdirSync(native) : [])
      .filter((name) => name.startsWith('bucket-emulator-'))
      .map((name) => path.join(native, name)),
    ...(process.env['PATH'] ?? '').split(path.delimiter),
    ...goFolder(),
  ];
  return folders.map((folder) => path.join(folder, program)).find((file) => existsSync(file));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  return address.port;
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
