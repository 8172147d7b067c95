import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Child } from '../../cli/processes/child';
import { logPath } from '../../cli/processes/log-files';
import { Supervisor } from '../../cli/processes/supervisor';
import { readPredictions } from '../../lib/predictions/read';
import { createFolderStore } from '../../lib/storage/folder-store';
import { buildDrover, makeModel, readPhotographs } from '../serve/prepare';
import { markdownTable } from '../table';
import { Outcomes, sendOne } from './clients';
import { addVersion, bringStoreBack, endInferenceThread, moveChampion, takeStoreAway } from './disturbances';
import { growthOf, type MemorySample, residentOf } from './memory-growth';
import { requestKinds } from './request-kinds';

/** The API under good and bad requests while what it stands on is taken away. `npm run bench -- serve-chaos --minutes 10` */
const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '40' },
    moves: { type: 'string', default: '20' },
    port: { type: 'string', default: '8740' },
    pictures: { type: 'string', default: join(__dirname, '../../../shared/data/animals10') },
    cache: { type: 'string', default: join(homedir(), '.cache', 'drover', 'bench') },
    log: { type: 'string', default: 'serve-chaos.log' },
  },
});

const [minutes, rate, port] = [Number(options.minutes), Number(options.rate), Number(options.port)];
const work = join(options.cache, 'serve-chaos');
const home = join(work, 'home');
const store = join(work, 'case', 'store');
const base = new URL(`http://127.0.0.1:${port}`);
const began = performance.now();
let failures = 0;

function say(line: string): void {
  const text = `${((performance.now() - began) / 1000).toFixed(1).padStart(7)} s  ${line}`;
  console.log(text);
  appendFileSync(options.log, `${text}\n`);
}

async function prepare(): Promise<void> {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  writeFileSync(options.log, '');
  buildDrover(join(work, 'build'));
  makeModel('cnn', join(work, 'case'), '');
  await addVersion(store, join(work, 'case', 'model.onnx'));
}

function startApi(supervisor: Supervisor): Child {
  return supervisor.start({
    name: 'api',
    command: process.execPath,
    args: [join(work, 'build', 'bin', 'drover.js'), 'api', '--tied'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      DROVER_HOME: home,
      DROVER_STORE: store,
      DROVER_MODEL: 'animals',
      DROVER_API_PORT: String(port),
      DROVER_KEEP_PREDICTIONS: 'pictures',
      DROVER_KEEP_SHARE: '1',
      NODE_OPTIONS: `--require ${join(__dirname, 'end-a-thread.cjs')}`,
    },
    cwd: work,
    port,
    grace: 15_000,
  });
}

async function ready(): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const response = await fetch(new URL('/readyz', base)).catch(() => undefined);
    if (response?.ok === true) return;
    await sleep(100);
  }
  throw new Error(`The API is not ready; see ${logPath(home, 'api')}`);
}

interface Event {
  /** Share of the run. */
  readonly at: number;
  readonly run: () => Promise<void> | void;
}

/** The store is away for a tenth of the run: a minute of ten. */
const away = { from: 0.45, to: 0.55 };

/** Moves of the alias all along, but not while the store is away; the others once. */
function eventsOf(child: Child): Event[] {
  const count = Number(options.moves);
  const free = 1 - (away.to - away.from) - 0.02;
  const moves = Array.from({ length: count }, (_, index): Event => {
    const share = ((index + 0.5) / count) * free;
    return {
      at: share < away.from - 0.01 ? share : share + (away.to - away.from) + 0.02,
      run: async () => say(`the alias moved to version ${await moveChampion(store)}`),
    };
  });
  const others: Event[] = [
    {
      at: 0.3,
      run() {
        const pid = child.identity?.pid;
        const sent = pid !== undefined && endInferenceThread(pid);
        say(sent ? 'an inference thread was ended' : 'no thread was ended: the API takes no SIGUSR2');
      },
    },
    {
      at: away.from,
      run() {
        takeStoreAway(store);
        say('the store is away');
      },
    },
    {
      at: away.to,
      run() {
        bringStoreBack(store);
        say('the store is back');
      },
    },
    {
      at: 0.75,
      run() {
        const pid = child.identity?.pid;
        if (pid === undefined) throw new Error('There is no API to be killed.');
        process.kill(pid, 'SIGKILL');
        say(`kill -9 ${pid}`);
      },
    },
  ];
  return [...moves, ...others].sort((a, b) => a.at - b.at);
}

async function disturb(events: readonly Event[], start: number): Promise<void> {
  for (const { at, run } of events) {
    await sleep(Math.max(0, start + at * minutes * 60_000 - performance.now()));
    await run();
  }
}

async function sendAll(outcomes: Outcomes, start: number): Promise<void> {
  const next = requestKinds(readPhotographs(options.pictures, 200));
  const url = new URL('/get_prediction', base);
  const sent = new Set<Promise<void>>();
  for (let count = 0; performance.now() - start < minutes * 60_000; count += 1) {
    await sleep(Math.max(0, start + (count * 1000) / rate - performance.now()));
    const one = sendOne(url, next(), outcomes).finally(() => sent.delete(one));
    sent.add(one);
  }
  await Promise.all(sent);
}

/** @returns what ends it */
function watchMemory(child: Child, start: number, samples: MemorySample[]): () => void {
  const timer = setInterval(() => {
    const pid = child.identity?.pid;
    const mib = pid === undefined ? undefined : residentOf(pid);
    if (pid === undefined || mib === undefined) return;
    samples.push({ minute: (performance.now() - start) / 60_000, mib, pid });
  }, 1000);
  return () => clearInterval(timer);
}

const logLineSchema = z.looseObject({ level: z.string(), message: z.string(), timestamp: z.string() });

/** Lines by level, and those that are no event. */
function readLog(): { levels: Map<string, number>; unreadable: string[] } {
  const levels = new Map<string, number>();
  const unreadable: string[] = [];
  for (const line of readFileSync(logPath(home, 'api'), 'utf8').split('\n').filter(Boolean)) {
    try {
      const { level } = logLineSchema.parse(JSON.parse(line));
      levels.set(level, (levels.get(level) ?? 0) + 1);
    } catch {
      unreadable.push(line.slice(0, 200));
    }
  }
  return { levels, unreadable };
}

async function lostOf(ids: ReadonlySet<string>): Promise<string[]> {
  const kept = new Set<string>();
  for await (const { record } of readPredictions(createFolderStore(store))) kept.add(record.id);
  return [...ids].filter((id) => !kept.has(id));
}

/** Undefined: the run was too short to tell. */
function verdictOf(holds: boolean | undefined): string {
  if (holds === undefined) return 'not judged';
  return holds ? 'yes' : 'NO';
}

async function report(outcomes: Outcomes, samples: readonly MemorySample[]): Promise<void> {
  const lost = await lostOf(outcomes.ids);
  const { levels, unreadable } = readLog();
  const growth = growthOf(samples);
  const { slope, low, high } = growth;
  const checks: [string, boolean | undefined, string][] = [
    [
      'every answer as expected; 503 with Retry-After',
      outcomes.wrong.length === 0,
      `${outcomes.wrong.length} others`,
    ],
    [
      'every request answered in the end',
      outcomes.given === 0,
      `${outcomes.given} given up, ${outcomes.refused} tries again`,
    ],
    ['every 200 is a kept prediction', lost.length === 0, `${lost.length} of ${outcomes.ids.size} lost`],
    [
      'both versions answered',
      outcomes.versions.size === 2,
      [...outcomes.versions].map(([version, count]) => `v${version}: ${count}`).join(', '),
    ],
    [
      'no growth of memory',
      growth.samples === 0 ? undefined : low <= 0,
      `${slope.toFixed(2)} MiB/min (${low.toFixed(2)} to ${high.toFixed(2)}), ${growth.samples} samples`,
    ],
    [
      'the log is an event a line',
      unreadable.length === 0,
      `${[...levels].map(([level, count]) => `${count} ${level}`).join(', ')}; ${unreadable.length} unreadable`,
    ],
  ];
  failures = checks.filter(([, holds]) => holds === false).length;
  const answers = [...outcomes.answers].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = [
    markdownTable(
      ['answered', 'times'],
      answers.map(([what, count]) => [what, String(count)]),
    ),
    markdownTable(
      ['must hold', '', 'found'],
      checks.map(([what, holds, found]) => [what, verdictOf(holds), found]),
    ),
    ...outcomes.wrong.slice(0, 20),
    ...lost.slice(0, 20).map((id) => `lost: ${id}`),
    ...unreadable.slice(0, 20),
  ].join('\n\n');
  console.log(`\n${text}`);
  appendFileSync(options.log, `\n${text}\n`);
}

async function main(): Promise<void> {
  await prepare();
  const supervisor = new Supervisor({
    home,
    addresses: { api: base.href },
    model: 'animals',
    say,
    gaveUp: (failure) => say(failure.message),
  });
  const child = startApi(supervisor);
  const outcomes = new Outcomes();
  const samples: MemorySample[] = [];
  try {
    await ready();
    say(`the API is ready; ${rate} requests a second for ${minutes} minutes`);
    const start = performance.now();
    const unwatch = watchMemory(child, start, samples);
    await Promise.all([sendAll(outcomes, start), disturb(eventsOf(child), start)]).finally(unwatch);
  } finally {
    bringStoreBack(store);
    // What waits in the spool is shipped as it ends.
    await supervisor.stop([['api']]);
  }
  await report(outcomes, samples);
  process.exitCode = failures === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
