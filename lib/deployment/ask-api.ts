import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Failure } from '../../contracts/failures';
import { retryAfterMs } from '../network/statuses';
import type { SmokePicture } from './smoke-pictures';

/** Where an API of ours answers, and with what it must be asked. */
export interface ApiPlace {
  /** Without a slash at its end. */
  readonly address: string;
  /** Sent along where the address wants to know who asks. */
  authorization?(): Promise<string>;
  /** One of its API keys, where it asks for them. */
  readonly key?: string | undefined;
}

export interface ExpectedModel {
  readonly model: string;
  readonly version: number;
  readonly digest: string;
}

const modelAnswer = z.object({ name: z.string(), version: z.int(), digest: z.string() });
const predictionAnswer = z.object({
  prediction: z.string(),
  probabilities: z.record(z.string(), z.number()),
  model: modelAnswer,
});

const requestMs = 15_000;
/** Where an API takes no more for now, and does not say for how long. */
const limitedMs = 1000;
const limited = 429;

async function ask(
  place: ApiPlace,
  path: string,
  signal: AbortSignal,
  picture?: SmokePicture,
): Promise<Response> {
  const send = async (authorization?: string): Promise<Response> => {
    const body = new FormData();
    if (picture) body.append('image', new Blob([new Uint8Array(picture.bytes)]), picture.digest);
    try {
      return await fetch(`${place.address}${path}`, {
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(requestMs)]),
        headers: {
          // The API takes what stands in `Authorization` for its key; Cloud Run looks for who asks in the other one first.
          ...(authorization !== undefined && {
            [place.key === undefined ? 'authorization' : 'x-serverless-authorization']: authorization,
          }),
          ...(place.key !== undefined && { 'x-api-key': place.key }),
        },
        ...(picture && { method: 'POST', body }),
      });
    } catch (cause) {
      signal.throwIfAborted();
      throw new Failure('cloud-unavailable', `Nobody answers at ${place.address}.`, { cause });
    }
  };
  const answer = await send();
  // Cloud Run says 403 to whom it does not know; 401 is the API's, which has its own keys.
  if (answer.status !== 403 || !place.authorization) return answer;
  await answer.body?.cancel();
  return send(await place.authorization());
}

/**
 * Asks as soon as the API takes it: that it has taken enough for now says nothing of the version.
 *
 * @param until - milliseconds since 1970
 * @throws Failure `rate-limited` where it would not until then
 */
async function askOnceTaken(
  place: ApiPlace,
  path: string,
  until: number,
  signal: AbortSignal,
  picture?: SmokePicture,
): Promise<Response> {
  for (;;) {
    const answer = await ask(place, path, signal, picture);
    if (answer.status !== limited) return answer;
    await answer.body?.cancel();
    const wait = retryAfterMs(answer.headers.get('retry-after') ?? undefined) ?? limitedMs;
    if (Date.now() + wait > until) {
      throw new Failure(
        'rate-limited',
        `${place.address} takes no more requests for now; it is tried again.`,
      );
    }
    await sleep(wait, undefined, { signal });
  }
}

/** Whether the API there refuses who asks, with the key that the place has or without one. */
export async function refusesKey(place: ApiPlace): Promise<boolean> {
  // Whoever waits for the plan is told before its time is over.
  const signal = AbortSignal.timeout(requestMs);
  const answer = await ask(place, '/v1/model', signal).catch((error: unknown) => {
    // Nobody is there yet: that is waited for.
    if (signal.aborted || (error instanceof Failure && error.type === 'cloud-unavailable')) return undefined;
    throw error;
  });
  await answer?.body?.cancel();
  return answer?.status === 401;
}

/** The model that answers there now, or why none does. @throws Failure as {@link askOnceTaken} */
export async function servedModel(
  place: ApiPlace,
  until: number,
  signal: AbortSignal,
): Promise<ExpectedModel | { readonly trouble: string }> {
  try {
    const answer = await askOnceTaken(place, '/v1/model', until, signal);
    if (!answer.ok) return { trouble: `it answers ${answer.status}` };
    const { name, version, digest } = modelAnswer.parse(await answer.json());
    return { model: name, version, digest };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Failure && error.type !== 'cloud-unavailable') throw error;
    return { trouble: error instanceof Failure ? 'nobody answers' : "it is no API of Drover's" };
  }
}

/**
 * Sends one picture, and compares the answer with what is known of it.
 *
 * @throws Failure `deployment-failed` where the answer is not this version's, or another than it gave when it was evaluated; as
 *   {@link askOnceTaken}
 */
export async function tryPicture(
  place: ApiPlace,
  expected: ExpectedModel,
  picture: SmokePicture,
  { tolerance, until }: { readonly tolerance: number; readonly until: number },
  signal: AbortSignal,
): Promise<void> {
  const what = `picture ${picture.digest.slice(0, 12)}`;
  const answer = await askOnceTaken(place, '/get_prediction', until, signal, picture);
  if (!answer.ok) {
    await answer.body?.cancel();
    throw new Failure('deployment-failed', `The ${what} was answered with ${answer.status}.`);
  }
  const parsed = predictionAnswer.safeParse(await answer.json().catch(() => undefined));
  if (!parsed.success) throw new Failure('deployment-failed', `The ${what} got an answer of another form.`);
  const { model, probabilities } = parsed.data;
  if (model.version !== expected.version || model.digest !== expected.digest) {
    throw new Failure(
      'deployment-failed',
      `The ${what} was answered by version ${model.version}, and not by version ${expected.version}.`,
    );
  }
  for (const [name, value] of Object.entries(picture.probabilities ?? {})) {
    const off = Math.abs((probabilities[name] ?? 0) - value);
    if (off <= tolerance) continue;
    throw new Failure(
      'deployment-failed',
      `The ${what} was answered with a probability ${off.toFixed(3)} off from the evaluation's: it is not the same model, or not ` +
        'prepared alike.',
    );
  }
}

/**
 * One request as its sender sees it: whether it failed on the other side, and how long it took.
 *
 * @returns undefined where the API takes no more for now, which is neither
 */
export async function probe(
  place: ApiPlace,
  picture: SmokePicture,
  signal: AbortSignal,
): Promise<{ readonly failed: boolean; readonly milliseconds: number } | undefined> {
  const begun = performance.now();
  let failed: boolean;
  try {
    const answer = await ask(place, '/get_prediction', signal, picture);
    await answer.arrayBuffer();
    if (answer.status === limited) return undefined;
    failed = answer.status >= 500;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Failure && error.type !== 'cloud-unavailable') throw error;
    failed = true;
  }
  return { failed, milliseconds: performance.now() - begun };
}
