import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { closedLoop } from '../../lib/load/load';

/** One way of serving: how it is started, on a port that it is given. */
export interface Side {
  readonly name: string;
  readonly command: (port: number) => readonly [string, ...string[]];
  readonly folder?: string;
  readonly environment: (port: number) => Readonly<Record<string, string>>;
}

const startMs = 120_000;
/** Linux counts CPU time in hundredths of a second. */
const ticksASecond = 100;

/** A side's processes while they run: the one that was started, and all that came of it. */
export class RunningSide {
  readonly url: URL;
  /** From its start to its first answer, in seconds. */
  readonly startSeconds: number;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, url: URL, startSeconds: number) {
    this.#process = process;
    this.url = url;
    this.startSeconds = startSeconds;
  }

  /** @throws Error with what it said, where it does not answer */
  static async start(side: Side, request: (url: URL) => Buffer): Promise<RunningSide> {
    const port = await freePort();
    const [file, ...args] = side.command(port);
    const began = performance.now();
    let said = '';
    const child = spawn(file, args, {
      cwd: side.folder,
      env: { ...process.env, ...side.environment(port) },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const hear = (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000));
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const url = new URL(`http://127.0.0.1:${port}/get_prediction`);
    while (performance.now() - began < startMs && child.exitCode === null) {
      // One request on one connection, until it is answered.
      const { statuses } = await closedLoop({
        url,
        requests: [request(url)],
        connections: 1,
        seconds: 0.005,
      });
      if (statuses.has(200)) return new RunningSide(child, url, (performance.now() - began) / 1000);
      await sleep(5);
    }
    end(child);
    throw new Error(`${side.name} does not answer. It said: ${said}`);
  }

  /** CPU seconds that all its processes have taken, those that ended too. */
  cpu(): number {
    let ticks = 0;
    for (const { stat } of this.#tree()) {
      const [user = 0, system = 0, userOfEnded = 0, systemOfEnded = 0] = stat.slice(11, 15).map(Number);
      ticks += user + system + userOfEnded + systemOfEnded;
    }
    return ticks / ticksASecond;
  }

  /** The memory that is its own, what it shares with others counted by its share; MiB. */
  memory(): number {
    let kilobytes = 0;
    for (const { id } of this.#tree()) {
      const text = readFileSync(`/proc/${id}/smaps_rollup`, 'utf8');
      kilobytes += Number(/^Pss: *(\d+)/m.exec(text)?.[1] ?? 0);
    }
    return kilobytes / 1024;
  }

  async stop(): Promise<void> {
    const { exitCode } = this.#process;
    if (exitCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    end(this.#process, 'SIGTERM');
    await Promise.race([ended, sleep(5_000)]);
    end(this.#process);
  }

  #tree(): { readonly id: number; readonly stat: readonly string[] }[] {
    const all = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        try {
          const text = readFileSync(`/proc/${name}/stat`, 'utf8');
          return [{ id: Number(name), stat: text.slice(text.lastIndexOf(')') + 2).split(' ') }];
        } catch {
          // It ended meanwhile.
          return [];
        }
      });
    // All are in the group of the one that was started, or in its session where they made a group of their own.
    return all.filter(({ stat }) => Number(stat[3]) === this.#process.pid);
  }
}

/** Ends it and all that it started. */
function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(-(child.pid ?? 0), signal);
  } catch {
    // They have ended already.
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
