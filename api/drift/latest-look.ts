import type { FollowUp, Look } from '../../contracts/schemas/monitor';
import type { Logger } from '../../lib/logging/logger';
import { latestLook, standingFollowUp } from '../../lib/monitor/records';
import type { Store } from '../../lib/storage/store';
import { within } from '../within';

/** The newest look at what users send, and what followed it. */
export interface SeenLook {
  readonly look: Look;
  readonly followUp: FollowUp | undefined;
}

export interface LatestLook {
  /**
   * The newest; undefined where nobody has looked yet. However many ask at once, the store is asked once.
   *
   * @throws Failure `storage-unavailable` where the store doesn't answer soon
   */
  read(): Promise<SeenLook | undefined>;
  /** What is known already, and has the newest read for whoever asks next: for metrics, which wait for nobody. */
  known(): SeenLook | undefined;
}

/** How long one look at the store serves everybody who asks, and how long anybody waits for it, in milliseconds. */
const freshMs = 5_000;
const patienceMs = 3_000;

interface LatestLookOptions {
  readonly store: Store;
  /** The model that is served. */
  readonly model: string;
  readonly logger: Logger;
  readonly fresh?: number;
  readonly patience?: number;
}

/** Follows what the workflow `monitor` writes into the store. */
export function createLatestLook({
  store,
  model,
  logger,
  fresh = freshMs,
  patience = patienceMs,
}: LatestLookOptions): LatestLook {
  let last: { readonly at: number; readonly work: Promise<SeenLook | undefined> } | undefined;
  let seen: SeenLook | undefined;

  async function look(): Promise<SeenLook | undefined> {
    const found = await latestLook(store, model);
    const followUp = found && (await standingFollowUp(store, found));
    seen = found && { look: found, followUp };
    return seen;
  }

  function read(): Promise<SeenLook | undefined> {
    const now = Date.now();
    if (last !== undefined && now - last.at < fresh) return last.work;
    const work = within(look(), patience);
    const mine = { at: now, work };
    last = mine;
    // The next to ask tries again.
    work.catch(() => {
      if (last === mine) last = undefined;
    });
    return work;
  }

  return {
    read,
    known() {
      read().catch((error: unknown) => {
        logger.debug('the latest look for drift could not be read', { error });
      });
      return seen;
    },
  };
}
