import { setImmediate } from 'node:timers/promises';

/** Milliseconds between two turns of the event loop, for heartbeats. */
const atOnce = 40;

/**
 * Lets others have their turn now and then in long work: the function given back is awaited between pieces of it, and costs little where the
 * last turn was a moment ago.
 */
export function createTurns(signal: AbortSignal | undefined): () => Promise<void> | undefined {
  let last = performance.now();
  const turn = async (): Promise<void> => {
    await setImmediate();
    signal?.throwIfAborted();
    last = performance.now();
  };
  return () => (performance.now() - last < atOnce ? undefined : turn());
}
