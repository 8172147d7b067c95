import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../contracts/failures';
import { servedModel, tryPicture, type ApiPlace, type ExpectedModel } from './ask-api';
import type { SmokePicture } from './smoke-pictures';

export interface SmokeTest {
  readonly place: ApiPlace;
  readonly expected: ExpectedModel;
  readonly pictures: readonly SmokePicture[];
  /** Milliseconds that the version may take to answer at all. */
  readonly within: number;
  /** How far a probability may be from the evaluation's. */
  readonly tolerance: number;
}

const betweenMs = 500;

/**
 * Waits until the expected version answers, then asks it about every picture.
 *
 * @returns what it found, for people
 * @throws Failure `deployment-failed`, `cloud-unavailable`, `rate-limited`; the signal's reason
 */
export async function smokeTest(test: SmokeTest, signal: AbortSignal): Promise<string> {
  const { place, expected, pictures, within, tolerance } = test;
  const deadline = Date.now() + within;
  for (;;) {
    const found = await servedModel(place, deadline, signal);
    if ('model' in found && isExpected(found, expected)) break;
    if (Date.now() >= deadline) {
      const is =
        'trouble' in found
          ? found.trouble
          : `it serves ${found.model} version ${found.version} (${found.digest.slice(0, 12)})`;
      throw new Failure(
        'deployment-failed',
        `${place.address} should serve ${expected.model} version ${expected.version} (${expected.digest.slice(0, 12)}); ${is}.`,
      );
    }
    await sleep(betweenMs, undefined, { signal });
  }
  for (const picture of pictures)
    await tryPicture(place, expected, picture, { tolerance, until: deadline }, signal);
  const compared = pictures.filter(({ probabilities }) => probabilities).length;
  const what = `${pictures.length} ${pictures.length === 1 ? 'picture' : 'pictures'}`;
  return compared === pictures.length
    ? `${what} answered as in the evaluation`
    : `${what} answered, ${compared} of them compared with the evaluation`;
}

function isExpected(found: ExpectedModel, { model, version, digest }: ExpectedModel): boolean {
  return found.model === model && found.version === version && found.digest === digest;
}
