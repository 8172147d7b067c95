import { availableParallelism } from 'node:os';
import type { Logger } from '../../lib/logging/logger';
import { BatchSize } from './batch-size';
import type { EngineModel, ThreadStart } from './messages';
import { type Answer, type AnswerOptions, Pending } from './pending';
import { EngineThread } from './engine-thread';
import { type StartThread, startThread } from './inference-thread';

export type { EngineModel } from './messages';
export type { Answer, AnswerOptions } from './pending';

export interface OpenedModel {
  /**
   * Decodes and classifies a picture.
   *
   * @param picture - A file's bytes; they are not changed, and must not be until the answer.
   * @throws Failure `picture-unreadable`; `busy` where the deadline passed before it was begun. {@link ClientGone} where the signal
   *   was aborted.
   */
  answer(picture: Uint8Array, options: AnswerOptions): Promise<Answer>;
  /** Gives its memory back. Only to be called when all its answers are out. */
  close(): void;
}

/** Threads that decode and classify pictures. */
export interface Engine {
  /**
   * Opens a model in every thread and warms it up; resolves when it can answer at its full speed.
   *
   * @throws Error where a thread cannot open it: it is closed again in all.
   */
  open(model: EngineModel): Promise<OpenedModel>;
  /** Pictures that wait for a thread. */
  readonly queued: number;
  /** Threads that answer now. */
  readonly threads: number;
  /** Threads that ended before they were told to. */
  readonly lost: number;
  /** Ends all threads; what is still waiting fails. */
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly logger: Logger;
  /** As many as there are cores, where it is left out. */
  readonly threads?: number | undefined;
  /** What a batch may take, in milliseconds. */
  readonly batchMs?: number;
  /** What each thread is begun with. */
  readonly start?: ThreadStart;
  /** How a thread is started; for tests that end one. */
  readonly startThread?: StartThread;
}

/** What a batch may take: little beside what a network takes, and enough for small pictures to be answered many at once. */
const defaultBatchMs = 10;
const mostInBatch = 16;
/** Between two looks at what waits: nothing else may happen for long that would tell whose time is over. */
const lookMs = 100;
/** Threads that end as soon as they begin must not keep the machine busy with beginning. */
const longestPauseMs = 10_000;
const firstPauseMs = 50;
/** A picture with which so many threads ended is what ends them. */
const mostAttempts = 2;

function closedEngine(): Error {
  return new Error('the engine has been closed');
}

function closedModel(): Error {
  return new Error('this model has been closed');
}

/** Starts the threads; they open models as they are told. */
export function createEngine(options: EngineOptions): Engine {
  const { logger, threads: wanted = availableParallelism(), batchMs = defaultBatchMs } = options;
  const { start: threadStart = {}, startThread: startOne = startThread } = options;
  const models = new Map<number, EngineModel>();
  const waiting: Pending[] = [];
  const threads = new Set<EngineThread>();
  const batchSize = new BatchSize(batchMs, mostInBatch);
  let slots = 0;
  let started = 0;
  let lost = 0;
  let pauseMs = firstPauseMs;
  let closed = false;
  /** Only while something waits. */
  let nextLook: NodeJS.Timeout | undefined;
  /** Whoever waits for a thread, where there is none. */
  const awaitingThread: (() => void)[] = [];

  function start(): void {
    started += 1;
    const thread: EngineThread = new EngineThread(
      (listener) => startOne(`inference ${started}`, threadStart, listener),
      {
        onBatch(ms, pictures) {
          batchSize.took(ms, pictures);
          pauseMs = firstPauseMs;
          giveOut();
        },
        onEnd: (error, pictures) => replace(thread, error, pictures),
      },
    );
    threads.add(thread);
    // Those that are opened while it begins are told to it by `open`, as to all.
    for (const [slot, model] of models) void openPatiently(thread, slot, model);
    for (const tell of awaitingThread.splice(0)) tell();
  }

  /** Opens a model that others have opened, and tries again ever later where it cannot: memory may be short for a while. */
  async function openPatiently(thread: EngineThread, slot: number, model: EngineModel, pause = firstPauseMs) {
    try {
      await thread.open(slot, model);
    } catch (error) {
      const isWanted = () => !closed && threads.has(thread) && models.has(slot);
      if (!isWanted()) return;
      logger.error('a thread cannot open a model that others opened; it tries again', { error });
      const again = Math.min(pause * 2, longestPauseMs);
      setTimeout(() => isWanted() && void openPatiently(thread, slot, model, again), pause).unref();
    }
    giveOut();
  }

  function replace(thread: EngineThread, error: Error | undefined, pictures: readonly Pending[]): void {
    threads.delete(thread);
    if (closed) {
      for (const pending of pictures) pending.fail(closedEngine());
      return;
    }
    lost += 1;
    logger.error('an inference thread ended; another takes its place', { error, pictures: pictures.length });
    const again = pictures.filter((pending) => {
      pending.attempts += 1;
      if (pending.attempts < mostAttempts) return true;
      pending.fail(new Error(`${pending.attempts} inference threads ended with this picture`));
      return false;
    });
    waiting.unshift(...again);
    // The first is replaced at once, those that follow soon after it ever later.
    setTimeout(() => closed || start(), pauseMs).unref();
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    giveOut();
  }

  /** Gives what waits to the threads that have least to do. */
  function giveOut(): void {
    let at = 0;
    while (at < waiting.length) {
      const pending = waiting[at];
      if (pending?.stillWanted() !== true) {
        takeFrom(at);
        continue;
      }
      const thread = leastBusy(pending);
      if (thread !== undefined) {
        takeFrom(at);
        thread.answer(pending, batchSize.most);
      }
      // What waits for a model that no thread has yet keeps nobody behind it waiting.
      else if (isOpenSomewhere(pending.slot)) break;
      else at += 1;
    }
    if (waiting.length > 0) nextLook ??= setTimeout(dropUnwanted, lookMs).unref();
  }

  /** Wherever it stands: what nobody waits for is not to be held until its turn comes. */
  function dropUnwanted(): void {
    clearTimeout(nextLook);
    nextLook = undefined;
    for (let at = waiting.length - 1; at >= 0; at -= 1) {
      if (waiting[at]?.stillWanted() !== true) takeFrom(at);
    }
    giveOut();
  }

  /** The first is nearly always what is taken, and `splice` makes an array of it. */
  function takeFrom(at: number): void {
    if (at === 0) waiting.shift();
    else waiting.splice(at, 1);
  }

  function isOpenSomewhere(slot: number): boolean {
    for (const thread of threads) if (thread.has(slot)) return true;
    return false;
  }

  function leastBusy(pending: Pending): EngineThread | undefined {
    const { most } = batchSize;
    let best: EngineThread | undefined;
    for (const thread of threads) {
      if (thread.takes(pending, most) && (best === undefined || thread.pictures < best.pictures))
        best = thread;
    }
    return best;
  }

  function close(slot: number): void {
    models.delete(slot);
    for (let at = waiting.length - 1; at >= 0; at -= 1) {
      if (waiting[at]?.slot === slot) waiting.splice(at, 1)[0]?.fail(closedModel());
    }
    for (const thread of threads) thread.close(slot);
  }

  for (let count = 0; count < wanted; count += 1) start();

  return {
    async open(model) {
      while (threads.size === 0 && !closed) await new Promise<void>((tell) => awaitingThread.push(tell));
      if (closed) throw closedEngine();
      const slot = slots;
      slots += 1;
      models.set(slot, model);
      try {
        await Promise.all([...threads].map((thread) => thread.open(slot, model)));
      } catch (error) {
        close(slot);
        throw error;
      }
      return {
        answer(picture, answerOptions) {
          const pending = new Pending(slot, picture, answerOptions, dropUnwanted);
          if (closed) pending.fail(closedEngine());
          else if (!models.has(slot)) pending.fail(closedModel());
          else if (pending.stillWanted()) waiting.push(pending);
          giveOut();
          return pending.answer;
        },
        close: () => close(slot),
      };
    },
    get queued() {
      return waiting.length;
    },
    get threads() {
      return threads.size;
    },
    get lost() {
      return lost;
    },
    async close() {
      closed = true;
      clearTimeout(nextLook);
      for (const tell of awaitingThread.splice(0)) tell();
      for (const pending of waiting.splice(0)) pending.fail(closedEngine());
      await Promise.all([...threads].map((thread) => thread.end()));
    },
  };
}
