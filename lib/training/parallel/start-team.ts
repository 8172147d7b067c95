import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { Failure } from '../../../contracts/failures';
import type { RunRef } from '../../../contracts/refs';
import type { TrainerStart } from '../trainer-start';

/** Starts one process and waits for it to be gone. */
type StartOne = (start: TrainerStart) => Promise<RunRef | undefined>;

/** Milliseconds that the others have, once one has failed, to end by themselves and say what they saw. */
const aftermathMs = 3000;

/** What a Unix socket's path may have on the systems at hand. */
const longestPath = 100;

/**
 * Trains one run in as many processes as its configuration names devices. The first leads and is the one that is heard and
 * told to stop; as soon as one fails, none goes on.
 *
 * @param start.visibleDevices - One for each process; none on a machine that trains on its CPU.
 * @throws Failure `start-refused` where there are too few devices, and what `startTrainer` throws.
 */
export async function startTeam(start: TrainerStart, startOne: StartOne): Promise<RunRef | undefined> {
  const { job, signal, visibleDevices = [] } = start;
  const n = job.config.devices;
  if (visibleDevices.length > 0 && visibleDevices.length < n) {
    throw new Failure(
      'start-refused',
      `Run ${job.run} asks for ${n} devices, and there are ${visibleDevices.length}. Set devices to what there is.`,
    );
  }
  signal.throwIfAborted();
  const folder = await meetingPlace();
  try {
    const token = randomBytes(32).toString('hex');
    const part = (k: number) => ({ k, n, socket: path.join(folder, 's'), token });
    const of = (k: number): TrainerStart => {
      const visibleDevice = visibleDevices[k];
      return {
        ...start,
        job: { ...job, part: part(k) },
        visibleDevices: visibleDevice === undefined ? [] : [visibleDevice],
      };
    };

    const leading = new AbortController();
    const following = new AbortController();
    const onAbort = (): void => leading.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    const leader = startOne({ ...of(0), signal: leading.signal });
    const followers = Array.from({ length: n - 1 }, (_, at) =>
      startOne({
        ...of(at + 1),
        signal: following.signal,
        onProgress: () => undefined,
        onEpoch: () => undefined,
        // They see what the leader sees.
        onNotice: () => undefined,
        graceMs: 0,
      }),
    );
    const everyone = [leader, ...followers];
    try {
      const settled = Promise.allSettled(everyone);
      const end = (reason: unknown): void => {
        following.abort(reason);
        leading.abort(reason);
      };
      const result = await firstEnd(leader, followers);
      if (result.kind === 'result' || signal.aborted) end(new NotNeeded());
      else {
        // Most end at once, when their connections do.
        await Promise.race([settled, after(aftermathMs, undefined, { ref: false })]);
        end(new NotNeeded());
      }
      const [led, ...followed] = await settled;
      if (led?.status === 'fulfilled') return led.value;
      throw mostTelling(led?.reason, followed, signal);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

class NotNeeded extends Error {}

/** Resolves with the first that ends: the leader with its result, or anyone with a failure. */
function firstEnd(
  leader: Promise<unknown>,
  followers: readonly Promise<unknown>[],
): Promise<{ readonly kind: 'result' | 'failure' }> {
  return new Promise((resolve) => {
    const failed = (): void => resolve({ kind: 'failure' });
    leader.then(() => resolve({ kind: 'result' }), failed);
    for (const follower of followers) follower.then(failed, failed);
  });
}

/**
 * What the whole failed of. That one is gone is seen by all others, so that everything else that was said comes first.
 */
function mostTelling(
  led: unknown,
  followed: readonly PromiseSettledResult<unknown>[],
  signal: AbortSignal,
): unknown {
  if (signal.aborted && led === signal.reason) return led;
  const failures = [
    led,
    ...followed.map((end): unknown => (end.status === 'rejected' ? end.reason : undefined)),
  ];
  const said = failures.filter((error) => error !== undefined && !(error instanceof NotNeeded));
  const telling = said.find((error) => !(error instanceof Failure && error.type === 'trainer-died'));
  if (telling !== undefined) return telling;
  const messages = failures.flatMap((error, k) =>
    error instanceof Failure ? [`Process ${k + 1} of ${failures.length}: ${error.message}`] : [],
  );
  return new Failure('trainer-died', messages.join('\n'));
}

/** A folder that only this user can enter. */
async function meetingPlace(): Promise<string> {
  const usual = path.join(tmpdir(), 'drover-team-');
  const prefix = usual.length + 'XXXXXX/s'.length <= longestPath ? usual : '/tmp/drover-team-';
  return mkdtemp(prefix);
}
