import { Failure } from '../../contracts/failures';

/** GPUs that one run has for itself until it gives them back. */
export interface DeviceLease {
  /** What CUDA_VISIBLE_DEVICES takes for each (a UUID); none where this machine trains on its CPU. */
  readonly devices: readonly string[];
  /** Gives them back; a second call does nothing. */
  readonly release: () => void;
}

interface Waiting {
  readonly count: number;
  readonly begin: () => void;
}

/**
 * The GPUs of one worker, each lent to one run at a time. Runs are served in the order in which they asked, so
 * that one which wants several GPUs is not passed by for ever.
 */
export class DevicePool {
  readonly size: number;
  private readonly free: string[];
  private queue: readonly Waiting[] = [];

  /** @param devices - UUIDs; none where there is no GPU: then every lease is empty, and had at once. */
  constructor(devices: readonly string[]) {
    this.free = [...devices];
    this.size = devices.length;
  }

  /**
   * Waits until `count` GPUs are free.
   *
   * @throws Failure `start-refused` where this worker never has as many; the signal's reason once it is aborted.
   */
  async lease(count: number, signal: AbortSignal): Promise<DeviceLease> {
    signal.throwIfAborted();
    if (this.size === 0) return { devices: [], release: () => undefined };
    if (count > this.size) {
      throw new Failure(
        'start-refused',
        `The run asks for ${count} GPUs (devices), and this worker has ${this.size}. ` +
          `Set devices to ${this.size} or less, or start a worker where there are more.`,
      );
    }
    const devices = await this.take(count, signal);
    let returned = false;
    const release = (): void => {
      if (returned) return;
      returned = true;
      this.free.push(...devices);
      this.next();
    };
    return { devices, release };
  }

  private take(count: number, signal: AbortSignal): Promise<readonly string[]> {
    if (this.queue.length === 0 && this.free.length >= count) {
      return Promise.resolve(this.free.splice(0, count));
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.queue = this.queue.filter((other) => other !== waiting);
        signal.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        leave();
        reject(signal.reason instanceof Error ? signal.reason : new Error('no longer wanted'));
        this.next();
      };
      const waiting: Waiting = {
        count,
        begin: () => {
          leave();
          // Taken at once: whoever asks before the promise is heard of must not see them as free.
          resolve(this.free.splice(0, count));
        },
      };
      this.queue = [...this.queue, waiting];
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Serves those who wait, for as long as the first of them can be. */
  private next(): void {
    for (let [first] = this.queue; first && this.free.length >= first.count; [first] = this.queue) {
      first.begin();
    }
  }
}
