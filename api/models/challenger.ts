import { crc32 } from 'node:zlib';
import type { Challenging } from '../../contracts/schemas/challenging';
import type { Logger } from '../../lib/logging/logger';
import type { Answer, AnswerOptions } from '../engine/engine';
import type { ModelDescription, ModelHolder, ServedModel } from './served-model';

/** What is told of a challenger's answers; `challenger-metrics.ts` tells it to Prometheus. */
export interface ChallengerListener {
  /** A picture was answered by this model, in the part that it plays. */
  answered(role: 'champion' | 'challenger', answer: Answer): void;
  /**
   * Both answered the same picture.
   * @param difference - The mean absolute difference of their probabilities.
   */
  compared(agree: boolean, difference: number): void;
  /** The challenger was not asked, as there was other work. */
  dropped(): void;
}

interface ChallengerOptions {
  readonly champion: ModelHolder;
  readonly challenger: ModelHolder;
  readonly mode: Exclude<Challenging, { readonly mode: 'off' }>;
  /** For how much waits. */
  readonly engine: { readonly queued: number };
  readonly listener: ChallengerListener;
  readonly logger: Logger;
}

/** Pictures that the challenger has in the shadow at once; with more, or where requests wait, it is not asked. */
const mostShadows = 4;

/**
 * A champion beside which a challenger is tried. As a shadow it is asked after the champion has answered, never in a request's way, and its
 * answer is compared and forgotten. Weighted, it answers a share of the requests, which their ids decide, and says so by its version. A
 * challenger that is missing, or knows other classes, changes nothing.
 */
export function withChallenger(options: ChallengerOptions): ModelHolder {
  const { champion, challenger, mode, engine, listener, logger } = options;
  let shadows = 0;
  let strange: number | undefined;

  /** Whether it may stand in for the champion; clients count on its classes. */
  function fits(other: ModelDescription | undefined, model: ModelDescription | undefined): boolean {
    if (other === undefined || model === undefined || other.version === model.version) return false;
    if (sameClasses(other.classes, model.classes)) return true;
    if (strange !== other.version) {
      strange = other.version;
      logger.warn('the challenger knows other classes than the champion, and is not asked', {
        challenger: other.version,
        champion: model.version,
      });
    }
    return false;
  }

  async function compare(picture: Uint8Array, id: string, answer: Answer, model: ServedModel): Promise<void> {
    if (!fits(challenger.current(), model)) return;
    if (shadows >= mostShadows || engine.queued > 0) {
      listener.dropped();
      return;
    }
    shadows += 1;
    try {
      await challenger.use(id, async (other) => {
        if (!fits(other, model)) return;
        const shadow = await other.answer(picture, { id, keep: false });
        listener.answered('challenger', shadow);
        listener.compared(...difference(model, answer, other, shadow));
      });
    } catch (error) {
      logger.debug('the challenger did not answer', { error });
    } finally {
      shadows -= 1;
    }
  }

  function watched(model: ServedModel, role: 'champion' | 'challenger'): ServedModel {
    return {
      ...model,
      async answer(picture: Uint8Array, answerOptions: AnswerOptions) {
        const answer = await model.answer(picture, answerOptions);
        listener.answered(role, answer);
        if (mode.mode === 'shadow') void compare(picture, answerOptions.id, answer, model);
        return answer;
      },
    };
  }

  return {
    current: () => champion.current(),
    use(id, work) {
      const isChallengers =
        mode.mode === 'weighted' &&
        isInShare(id, mode.share) &&
        fits(challenger.current(), champion.current());
      return isChallengers
        ? challenger.use(id, (model) => work(watched(model, 'challenger')))
        : champion.use(id, (model) => work(watched(model, 'champion')));
    },
  };
}

/** The same for an id wherever it is asked. */
function isInShare(id: string, share: number): boolean {
  return crc32(id) / 2 ** 32 < share;
}

function sameClasses(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name) => others.includes(name));
}

/** Whether both hold the same class for the likeliest, and the mean absolute difference of their probabilities. */
function difference(
  one: ModelDescription,
  { probabilities: mine }: Answer,
  other: ModelDescription,
  { probabilities: theirs }: Answer,
): [agree: boolean, difference: number] {
  const places = one.classes.map((name) => other.classes.indexOf(name));
  let sum = 0;
  let first = 0;
  let theirFirst = 0;
  places.forEach((place, index) => {
    sum += Math.abs((mine[index] ?? 0) - (theirs[place] ?? 0));
    if ((mine[index] ?? 0) > (mine[first] ?? 0)) first = index;
    if ((theirs[place] ?? 0) > (theirs[places[theirFirst] ?? 0] ?? 0)) theirFirst = index;
  });
  return [first === theirFirst, sum / places.length];
}
