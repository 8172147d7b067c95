import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readLedger } from '../../cli/processes/ledger';
import { openStore } from '../../lib/storage/open-store';
import type { Store } from '../../lib/storage/store';
import {
  startBucketEmulator,
  findBucketEmulator,
  type BucketEmulator,
} from '../../tests/support/bucket-emulator';
import { spawnTemporal } from '../../tests/support/temporal-server';
import { Partition } from './partition';
import { listProcesses, send, withDescendants } from './processes';

/** Ports from the first one on: the API's, Temporal's, its UI's, and those of the connections that fail. */
const places = { api: 0, temporal: 1, ui: 2, server: 3, bucket: 4 } as const;

export interface InstallationOptions {
  readonly kind: 'embedded' | 'apart';
  /** A folder of its own, emptied first. */
  readonly folder: string;
  /** A built Drover. */
  readonly build: string;
  readonly firstPort: number;
  /** That it is to work for, which decides how large its store's disk is. */
  readonly minutes: number;
}

/** A quarter of an hour of rounds keeps some 190 MB of versions and records: the disk is to be full only where that is the fault. */
const diskMegabytes = { atFirst: 192, aMinute: 20 };

/** A Drover that is started as a person would, and what it stands on. */
export class Installation {
  readonly home: string;
  readonly kind: InstallationOptions['kind'];
  readonly server: Partition;
  bucket: Partition | undefined;
  private readonly port: (place: keyof typeof places) => number;
  private readonly disk: string;
  private mounted = false;
  private start: ChildProcess | undefined;
  private temporal: ChildProcess | undefined;
  private emulator: BucketEmulator | undefined;
  /** How often `start` gave up by itself. */
  ended = 0;
  /** Milliseconds until what is not started again by Drover itself is, as by the system's own watch. */
  returnsAfter = 1000;

  constructor(private readonly options: InstallationOptions) {
    this.kind = options.kind;
    this.home = join(options.folder, 'home');
    this.disk = join(options.folder, 'disk');
    this.port = (place) => options.firstPort + places[place];
    this.server = new Partition(this.port('temporal'));
  }

  get api(): URL {
    return new URL(`http://127.0.0.1:${this.port('api')}`);
  }

  /** Of the server itself, past the connection that fails. */
  get temporalAddress(): string {
    return `127.0.0.1:${this.port('temporal')}`;
  }

  /** The store, past the connection that fails. */
  get store(): Store {
    if (this.emulator) return openStore('gs://drover-chaos/store', { gcsEndpoint: this.emulator.endpoint });
    return openStore(join(this.disk, 'store'));
  }

  /** Whether its store's disk can be filled, which takes an administrator of Linux. */
  get canBeFilled(): boolean {
    return this.mounted;
  }

  async up(): Promise<void> {
    spawnSync('umount', [this.disk], { stdio: 'ignore' });
    rmSync(this.options.folder, { recursive: true, force: true });
    for (const folder of [this.home, this.disk, join(this.options.folder, 'project')])
      mkdirSync(folder, { recursive: true });
    if (this.kind === 'embedded') {
      const megabytes = Math.ceil(diskMegabytes.atFirst + diskMegabytes.aMinute * this.options.minutes);
      const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', this.disk], {
        stdio: 'ignore',
      });
      this.mounted = mount.status === 0;
    } else {
      const program = findBucketEmulator();
      if (program === undefined)
        throw new Error('There is no bucket emulator: `npm test` sets it up where there is Go.');
      this.emulator = await startBucketEmulator(program);
      await this.emulator.createBucket('drover-chaos');
      this.bucket = new Partition(Number(new URL(this.emulator.endpoint).port));
      await this.bucket.listen(this.port('bucket'));
      await this.server.listen(this.port('server'));
      this.startServer();
    }
    this.startDrover();
  }

  /** Ends it in good order, the store's disk being left. */
  async down(): Promise<void> {
    this.restarts = false;
    this.empty();
    this.server.heal();
    this.bucket?.heal();
    for (const { pid, state } of this.processes()) if (state === 'T') send(pid, 'SIGCONT');
    const child = this.start;
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    }
  }

  /** Ends everything at once, where the bench itself is told to end. */
  kill(): void {
    this.restarts = false;
    for (const { pid } of this.processes()) send(pid, 'SIGKILL');
    this.temporal?.kill('SIGKILL');
    if (this.mounted) spawnSync('umount', ['-l', this.disk]);
  }

  /** Takes away what it stood on. */
  async remove(): Promise<void> {
    this.temporal?.removeAllListeners('exit');
    this.temporal?.kill('SIGKILL');
    if (this.kind === 'apart') await this.server.close();
    await this.bucket?.close();
    await this.emulator?.stop();
    if (this.mounted) spawnSync('umount', [this.disk]);
  }

  private restarts = true;

  /** What watches over the others is itself started again, as by the system's own. */
  private startDrover(): void {
    const { build, folder } = this.options;
    const log = openSync(join(this.home, 'start.log'), 'a');
    const child = spawn(
      process.execPath,
      [join(build, 'bin', 'drover.js'), 'start', '--no-pipeline', 'name=few'],
      {
        cwd: join(folder, 'project'),
        detached: true,
        stdio: ['ignore', log, log],
        env: {
          ...process.env,
          NODE_ENV: 'production',
          CI: 'true',
          DROVER_HOME: this.home,
          DROVER_API_PORT: String(this.port('api')),
          DROVER_GPU_SLOTS: '2',
          DROVER_LOG_LEVEL: 'info',
          DROVER_DEVICE: 'cpu',
          ...(this.kind === 'embedded'
            ? {
                DROVER_STORE: join(this.disk, 'store'),
                DROVER_TEMPORAL_PORT: String(this.port('temporal')),
                DROVER_TEMPORAL_UI_PORT: String(this.port('ui')),
              }
            : {
                DROVER_STORE: 'gs://drover-chaos/store',
                DROVER_GCS_ENDPOINT: `http://127.0.0.1:${this.port('bucket')}`,
                TEMPORAL_ADDRESS: `127.0.0.1:${this.port('server')}`,
              }),
        },
      },
    );
    closeSync(log);
    this.start = child;
    child.once('exit', (code, signal) => {
      if (!this.restarts) return;
      if (signal !== 'SIGKILL') this.ended += 1;
      setTimeout(() => this.startDrover(), this.returnsAfter);
    });
  }

  private startServer(): void {
    const child = spawnTemporal(this.port('temporal'), this.home);
    this.temporal = child;
    child.once('exit', () => {
      if (this.restarts) setTimeout(() => this.startServer(), this.returnsAfter);
    });
  }

  get startPid(): number | undefined {
    return this.start?.pid;
  }

  /** What may run: what watches over the others, and the server where that is not its own. */
  roots(): number[] {
    const server = this.kind === 'apart' ? this.temporal?.pid : undefined;
    return [this.start?.pid, server].filter((pid) => pid !== undefined);
  }

  processes() {
    const all = listProcesses();
    return this.roots().flatMap((root) => withDescendants(root, all));
  }

  /** The process that is meant now; undefined where there is none. */
  async pidOf(target: string): Promise<number | undefined> {
    if (target === 'start') return this.start?.pid;
    if (target === 'temporal' && this.kind === 'apart') return this.temporal?.pid;
    if (target === 'trainer') {
      return this.processes().find(({ command }) => command.includes('drover.js trainer'))?.pid;
    }
    const ledger = await readLedger(this.home);
    return ledger?.children.find(({ name }) => name === target)?.pid;
  }

  /** Names of processes that are to run. */
  get names(): readonly string[] {
    return ['api', 'worker', 'worker-gpu', 'temporal'];
  }

  private get ballast(): string {
    return join(this.disk, 'ballast');
  }

  /** Leaves no byte of the store's disk. */
  fill(): void {
    const file = openSync(this.ballast, 'w');
    try {
      for (let size = 2 ** 20; size >= 512; size >>= 1) {
        const block = Buffer.alloc(size);
        for (;;) {
          try {
            if (writeSync(file, block) < size) break;
          } catch {
            break;
          }
        }
      }
    } finally {
      closeSync(file);
    }
  }

  empty(): void {
    rmSync(this.ballast, { force: true });
  }

  async waitFor(what: string, seconds: number, check: () => Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline;) {
      if (await check().catch(() => false)) return;
      await sleep(200);
    }
    throw new Error(`waited ${seconds} s in vain for ${what}; see ${join(this.home, 'logs')}`);
  }
}
