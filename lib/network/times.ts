/** How long a request waits, in milliseconds, and how often it is made. */
export interface NetworkTimes {
  /** From the first look-up of a name to an open connection. */
  readonly connectMs: number;
  /** From there to the first line of the answer. */
  readonly headersMs: number;
  /** Between two pieces of a body. */
  readonly stallMs: number;
  /** How often in a row the same is asked for in vain. */
  readonly attempts: number;
  /** Before the second attempt; it then doubles. */
  readonly firstWaitMs: number;
}

export const usualTimes: NetworkTimes = {
  connectMs: 20_000,
  headersMs: 60_000,
  stallMs: 60_000,
  attempts: 6,
  firstWaitMs: 500,
};
