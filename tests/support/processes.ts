import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { spawnTemporal } from './temporal-server';

const drover = resolve('bin', 'drover.js');

/** Real processes of Drover and Temporal for one home, to be killed without warning and started again. */
export class Processes {
  private readonly running = new Map<string, ChildProcess>();

  constructor(
    private readonly home: string,
    private readonly port: number,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  startServer(): void {
    this.running.set('temporal', spawnTemporal(this.port, this.home));
  }

  startWorker(name: string, ...queues: readonly string[]): void {
    const args = [drover, 'worker', ...queues.flatMap((queue) => ['--queue', queue])];
    const child = spawn(process.execPath, args, {
      env: {
        ...process.env,
        DROVER_HOME: this.home,
        DROVER_TEMPORAL_PORT: String(this.port),
        DROVER_LOG_LEVEL: 'error',
        ...this.environment,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.running.set(name, child);
  }

  pid(name: string): number {
    return this.running.get(name)?.pid ?? 0;
  }

  /** `kill -9`; without names, of all. */
  async kill(...names: readonly string[]): Promise<void> {
    const wanted = names.length > 0 ? names : [...this.running.keys()];
    await Promise.all(
      wanted.map(async (name) => {
        const child = this.running.get(name);
        if (child?.exitCode !== null || child.signalCode !== null) return;
        const gone = new Promise((ended) => child.once('exit', ended));
        child.kill('SIGKILL');
        await gone;
      }),
    );
  }
}

/** Waits for something to become true, and says what it was waiting for where it never does. */
export async function until(what: string, check: () => Promise<boolean>, seconds = 90): Promise<void> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline;) {
    if (await check().catch(() => false)) return;
    await new Promise((wait) => setTimeout(wait, 20));
  }
  throw new Error(`waited ${seconds} s in vain for ${what}`);
}
