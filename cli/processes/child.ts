import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Failure } from '../../contracts/failures';
import type { ProcessIdentity } from '../../contracts/schemas/processes';
import { identify } from './identity';
import { signal } from './leftovers';
import { lastLines, logPath, openLog } from './log-files';

/** A process that is to run until it is told to stop. */
export interface ChildSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly port?: number;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly grace: number;
}

export interface RestartPolicy {
  /** Milliseconds before the first restart; doubled each time. */
  readonly delay: number;
  readonly mostDelay: number;
  /** A process that lived this long is taken to have been well. */
  readonly wellAfter: number;
  /** Deaths one after another, each before it was well, after which nothing more is tried. */
  readonly mostDeaths: number;
}

export const restartPolicy: RestartPolicy = {
  delay: 500,
  mostDelay: 10_000,
  wellAfter: 20_000,
  mostDeaths: 5,
};

export interface ChildEvents {
  started(child: Child): void;
  /** It ended by itself; it is started again after `delay` milliseconds. */
  died(child: Child, how: string, delay: number): void;
  gaveUp(child: Child, failure: Failure): void;
}

/**
 * One supervised process, in a group of its own so that the terminal's Ctrl-C reaches the supervisor alone.
 * Its standard input is a pipe that closes when the supervisor is gone, however that went. A worker's trainers
 * are in groups of their own, and end when their channel to the worker closes.
 */
export class Child {
  private process: ChildProcess | undefined;
  private known: ProcessIdentity | undefined;
  private stopping = false;
  private deaths = 0;
  private timer: NodeJS.Timeout | undefined;
  private ended: Promise<void> = Promise.resolve();

  constructor(
    readonly spec: ChildSpec,
    private readonly home: string,
    private readonly events: ChildEvents,
    private readonly policy: RestartPolicy = restartPolicy,
  ) {}

  /** Of the process that runs now; undefined between two. */
  get identity(): ProcessIdentity | undefined {
    return this.known;
  }

  get running(): boolean {
    return this.process !== undefined;
  }

  start(): void {
    const log = openLog(this.home, this.spec.name);
    const startedAt = Date.now();
    const child = spawn(this.spec.command, this.spec.args, {
      cwd: this.spec.cwd,
      env: this.spec.env,
      detached: true,
      stdio: ['pipe', log, log],
    });
    closeSync(log);
    // Writing is never tried, but the pipe of a dead process may still complain.
    child.stdin?.on('error', () => undefined);
    this.process = child;
    this.ended = new Promise((resolve) => {
      const end = (how: string): void => {
        if (this.process !== child) return;
        this.process = undefined;
        this.known = undefined;
        resolve();
        if (!this.stopping) this.afterDeath(how, Date.now() - startedAt);
      };
      child.once('error', (error) => end(error.message));
      child.once('exit', (code, by) => end(by ?? `exit code ${code ?? 'unknown'}`));
    });
    if (child.pid !== undefined) {
      void identify(child.pid).then((identity) => {
        if (this.process !== child) return;
        this.known = identity;
        this.events.started(this);
      });
    }
  }

  /** Ends it for good: SIGTERM, then SIGKILL to its whole group after its grace. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    const pid = this.process?.pid;
    if (pid === undefined) return;
    signal(pid, 'SIGTERM');
    const force = setTimeout(() => this.kill(), this.spec.grace);
    await this.ended;
    clearTimeout(force);
  }

  /** Ends it and its group at once. */
  kill(): void {
    this.stopping = true;
    clearTimeout(this.timer);
    const pid = this.process?.pid;
    if (pid !== undefined && !signal(-pid, 'SIGKILL')) signal(pid, 'SIGKILL');
  }

  private afterDeath(how: string, lived: number): void {
    this.deaths = lived >= this.policy.wellAfter ? 1 : this.deaths + 1;
    if (this.deaths >= this.policy.mostDeaths) {
      void this.giveUp(how);
      return;
    }
    const delay = Math.min(this.policy.mostDelay, this.policy.delay * 2 ** (this.deaths - 1));
    this.events.died(this, how, delay);
    this.timer = setTimeout(() => {
      try {
        this.start();
      } catch (error) {
        // Such as a log that can't be opened, because the disk is full.
        void this.giveUp(error instanceof Error ? error.message : String(error));
      }
    }, delay);
  }

  private async giveUp(how: string): Promise<void> {
    const path = logPath(this.home, this.spec.name);
    const lines = await lastLines(path, 8);
    this.events.gaveUp(
      this,
      new Failure(
        'process-failed',
        [
          `${this.spec.name} ended ${this.deaths} times in a row, the last time with ${how}. Its log, ${path}, ends with:`,
          ...lines.map((line) => `    ${line}`),
        ].join('\n'),
      ),
    );
  }
}
