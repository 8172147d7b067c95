import type { ServerResponse } from 'node:http';

/** The client went away before its request was whole, or before it was answered: nobody is left to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

/** What is looked at of an `AbortSignal`. */
export interface GoneSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** No more of a signal than that. */
class OwnGoneSignal implements GoneSignal {
  aborted = false;
  readonly #listeners = new Set<() => void>();

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }

  abort(): void {
    this.aborted = true;
    for (const listener of this.#listeners) listener();
  }
}

/**
 * Aborted when whoever asked went away before the answer was out. No `AbortSignal`, to which Node 20 gives another prototype when it makes
 * it: what hangs on it then outlives its request (docs/decisions/0012-what-outlives-a-request.md).
 */
export function goneSignal(response: ServerResponse): GoneSignal {
  const signal = new OwnGoneSignal();
  abortWhenGone(response, signal);
  return signal;
}

/** The same for what asks for a signal of the platform's. */
export function goneAbortSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  abortWhenGone(response, { abort: () => controller.abort(new ClientGone('The client went away')) });
  return controller.signal;
}

function abortWhenGone(response: ServerResponse, signal: { abort(): void }): void {
  response.once('close', () => {
    if (!response.writableFinished) signal.abort();
  });
}
