import { Failure } from '../../contracts/failures';
import { clientOf } from '../guard/client-address';

export interface LoginLimits {
  /** Wrong tokens that one address may show in a window. */
  readonly perAddress: number;
  /** Wrong tokens that all may show together. */
  readonly inAll: number;
  readonly seconds: number;
}

/** A token that Drover made has 256 bits, which nobody guesses; one of the environment may be a word that a person made up. */
const usual: LoginLimits = { perAddress: 10, inAll: 100, seconds: 15 * 60 };

export interface LoginLimit {
  /**
   * Counts an attempt, before its token is looked at: many at once count as many.
   *
   * @param address - the client's
   * @returns undefined where it may be tried; else the seconds after which another may
   */
  attempt(address: string | undefined): Promise<number | undefined>;
  /** Takes an attempt back that was right, and all that this address got wrong before. */
  right(address: string | undefined): Promise<void>;
}

const everybody = 'everybody';

/**
 * Limits guesses at tokens, by address (of IPv6 by its first 64 bits) and in all, in this process. An address that was refused is not
 * counted in all, so that no single one locks out the others; and once all together had too many, no address is taken note of, so that what
 * is held is bounded by these limits.
 */
export async function createLoginLimit(limits: LoginLimits = usual): Promise<LoginLimit> {
  const { perAddress, inAll, seconds } = limits;
  const { RateLimiterMemory } = await import('rate-limiter-flexible');
  const ofOne = new RateLimiterMemory({ points: perAddress, duration: seconds, keyPrefix: 'one' });
  const ofAll = new RateLimiterMemory({ points: inAll, duration: seconds, keyPrefix: 'all' });
  const wait = (count: { readonly msBeforeNext: number }): number =>
    Math.max(1, Math.ceil(count.msBeforeNext / 1000));

  return {
    async attempt(address) {
      const before = await ofAll.get(everybody);
      if (before !== null && before.consumedPoints >= inAll) return wait(before);
      const one = await ofOne.penalty(clientOf(address));
      if (one.consumedPoints > perAddress) return wait(one);
      const all = await ofAll.penalty(everybody);
      return all.consumedPoints > inAll ? wait(all) : undefined;
    },
    async right(address) {
      await Promise.all([ofOne.delete(clientOf(address)), ofAll.reward(everybody)]);
    },
  };
}

/** What is said where too many were wrong. */
export function tooManyTokens(seconds: number): Failure {
  const time = seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`;
  return new Failure(
    'rate-limited',
    `Too many tokens were wrong. Try again in ${time}. Whoever has come in already stays in.`,
  );
}
