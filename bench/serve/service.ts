import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '../../lib/load/connection';
import { cpuOf, endTree, memoryOf } from './process-tree';

export interface ServiceStart {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly port: number;
  readonly log: string;
  /** A whole HTTP request; the service is ready when it is answered with 200. */
  readonly request: Buffer;
}

/** Until it answers: importing PyTorch twice on a busy machine takes its time. */
const patienceMs = 120_000;
const againMs = 5;

const started = new Set<number>();

/** Ends all that was started and not stopped, whether it was ready or not. */
export function endAll(): void {
  for (const pid of started) endTree(pid);
  started.clear();
}

/** One side's processes, in a group of their own. */
export class Service {
  readonly url: URL;
  /** Seconds from the start of the process to the first answer. */
  readonly seconds: number;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, url: URL, seconds: number) {
    this.#process = process;
    this.url = url;
    this.seconds = seconds;
  }

  /** @throws Error where it ends or does not answer in time; its log says why */
  static async start({ command, environment, folder, port, log, request }: ServiceStart): Promise<Service> {
    const url = new URL(`http://127.0.0.1:${port}/get_prediction`);
    if ((await statusOf(url, request)) !== undefined) {
      throw new Error(`Something listens on port ${port} already; give another first one: --port`);
    }
    const output = openSync(log, 'a');
    const [file = '', ...args] = command;
    const began = performance.now();
    const child = spawn(file, args, {
      cwd: folder,
      detached: true,
      env: { ...process.env, ...environment },
      stdio: ['ignore', output, output],
    });
    if (child.pid !== undefined) started.add(child.pid);
    while ((await statusOf(url, request)) !== 200) {
      if (child.exitCode !== null || child.signalCode !== null || performance.now() - began > patienceMs) {
        if (child.pid !== undefined) endTree(child.pid);
        throw new Error(`${command.join(' ')} did not answer; see ${log}`);
      }
      await sleep(againMs);
    }
    return new Service(child, url, (performance.now() - began) / 1000);
  }

  get #pid(): number {
    return this.#process.pid ?? NaN;
  }

  cpu(): number {
    return cpuOf(this.#pid);
  }

  memory(): number {
    return memoryOf(this.#pid);
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    const gone = this.#process.exitCode !== null || this.#process.signalCode !== null;
    endTree(this.#pid);
    started.delete(this.#pid);
    if (!gone) await ended;
  }
}

async function statusOf(url: URL, request: Buffer): Promise<number | undefined> {
  const connection = await Connection.open(url).catch(() => undefined);
  if (connection === undefined) return undefined;
  try {
    return (await connection.send(request)).status;
  } catch {
    return undefined;
  } finally {
    connection.close();
  }
}
