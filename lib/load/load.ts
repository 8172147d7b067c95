import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, type LoadResponse } from './connection';

export interface Load {
  readonly url: URL;
  /** Whole HTTP requests, sent in turn; see `pictureRequests`. */
  readonly requests: readonly Buffer[];
  readonly seconds: number;
  readonly signal?: AbortSignal;
  /** Whether an answer is what was asked for; status 200 where it is left out. */
  readonly isGood?: (status: number, body: Buffer) => boolean;
  /** Told about ten times a second. */
  readonly onProgress?: (answered: number, secondsLeft: number) => void;
}

export interface LoadResult {
  readonly seconds: number;
  /** Milliseconds, in ascending order: of all that were answered, whatever the status. */
  readonly latencies: Float64Array;
  /** Answers by status. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Answers that were what was asked for. */
  readonly good: number;
  /** Requests that got no answer: the connection was refused or ended. */
  readonly failed: number;
  /** CPU seconds of this process. */
  readonly cpu: number;
}

/** Collects what came of the requests. */
class Tally {
  readonly #latencies: number[] = [];
  readonly #statuses = new Map<number, number>();
  readonly #began = performance.now();
  readonly #cpu = process.cpuUsage();
  readonly #isGood: NonNullable<Load['isGood']>;
  #good = 0;
  failed = 0;

  constructor({ isGood = (status) => status === 200 }: Load) {
    this.#isGood = isGood;
  }

  get answered(): number {
    return this.#latencies.length;
  }

  answer({ status, body }: LoadResponse, ms: number): void {
    if (this.#isGood(status, body)) this.#good += 1;
    this.#latencies.push(ms);
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
  }

  result(): LoadResult {
    const { user, system } = process.cpuUsage(this.#cpu);
    return {
      seconds: (performance.now() - this.#began) / 1000,
      latencies: Float64Array.from(this.#latencies).sort(),
      statuses: this.#statuses,
      good: this.#good,
      failed: this.failed,
      cpu: (user + system) / 1e6,
    };
  }
}

const progressMs = 100;
/** After a connection that failed: a service that restarts is not to be drowned in attempts. */
const againMs = 20;

function tellProgress(load: Load, tally: Tally, end: number): NodeJS.Timeout {
  return setInterval(() => {
    load.onProgress?.(tally.answered, Math.max(0, (end - performance.now()) / 1000));
  }, progressMs);
}

/** As many connections as are asked for, each with one request under way: the most that a service answers. */
export async function closedLoop(load: Load & { readonly connections: number }): Promise<LoadResult> {
  const { url, requests, connections, signal } = load;
  const tally = new Tally(load);
  const end = performance.now() + load.seconds * 1000;
  const progress = tellProgress(load, tally, end);
  let next = 0;

  async function oneConnection(): Promise<void> {
    let connection: Connection | undefined;
    while (performance.now() < end && signal?.aborted !== true) {
      const request = requests[next % requests.length];
      next += 1;
      if (request === undefined) return;
      try {
        connection ??= await Connection.open(url);
        const began = performance.now();
        const response = await connection.send(request);
        tally.answer(response, performance.now() - began);
        if (connection.closed) connection = undefined;
      } catch {
        tally.failed += 1;
        connection?.close();
        connection = undefined;
        await sleep(againMs);
      }
    }
    connection?.close();
  }

  try {
    await Promise.all(Array.from({ length: connections }, oneConnection));
  } finally {
    clearInterval(progress);
  }
  return tally.result();
}

/**
 * Requests at a rate that does not heed the answers, as clients that know nothing of each other send them. A latency counts from when its
 * request was due: where a service stalls, those that had to wait for a connection are seen (Tene, "How NOT to measure latency", 2015).
 *
 * @param mostConnections - What is due when so many wait is sent when one is free.
 */
export async function openLoop(
  load: Load & { readonly rate: number; readonly mostConnections?: number },
): Promise<LoadResult> {
  const { url, requests, rate, mostConnections = 256, signal } = load;
  const tally = new Tally(load);
  const began = performance.now();
  const end = began + load.seconds * 1000;
  const progress = tellProgress(load, tally, end);
  const idle: Connection[] = [];
  const due: number[] = [];
  const underWay = new Set<Promise<void>>();
  let next = 0;

  async function send(dueAt: number, request: Buffer): Promise<void> {
    let connection: Connection | undefined;
    try {
      connection = idle.pop() ?? (await Connection.open(url));
      const response = await connection.send(request);
      tally.answer(response, performance.now() - dueAt);
      if (!connection.closed) idle.push(connection);
    } catch {
      tally.failed += 1;
      connection?.close();
    }
  }

  function sendWhatIsDue(): void {
    while (due.length > 0 && underWay.size < mostConnections) {
      const dueAt = due.shift() ?? 0;
      const request = requests[next % requests.length];
      next += 1;
      if (request === undefined) return;
      const sent: Promise<void> = send(dueAt, request).then(() => {
        underWay.delete(sent);
        sendWhatIsDue();
      });
      underWay.add(sent);
    }
  }

  try {
    for (let count = 0; performance.now() < end && signal?.aborted !== true;) {
      const dueAt = began + (count * 1000) / rate;
      const wait = dueAt - performance.now();
      if (wait > 1) await sleep(Math.floor(wait));
      else {
        due.push(dueAt);
        count += 1;
        sendWhatIsDue();
        // A turn of the event loop: answers that came have come.
        if (count % 8 === 0) await new Promise(setImmediate);
      }
    }
    while (underWay.size > 0) await Promise.all(underWay);
  } finally {
    clearInterval(progress);
    for (const connection of idle) connection.close();
  }
  return tally.result();
}

/** @param share - In [0, 1]: 0.99 is what one answer of a hundred is slower than. */
export function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
