import { setTimeout as after } from 'node:timers/promises';
import type {
  ActivitySlotInfo,
  CustomSlotSupplier,
  SlotPermit,
  SlotReserveContext,
} from '@temporalio/worker';

/** How often a slot that is not to be had is asked for again. */
const everyMs = 200;

/**
 * A fixed number of slots for activities, of which none is given out while the worker rests: it then polls for no task, and
 * others get them.
 *
 * @param restsFor - Milliseconds that the worker is still to rest.
 */
export function restingSlots(count: number, restsFor: () => number): CustomSlotSupplier<ActivitySlotInfo> {
  let reserved = 0;
  const reserve = (): SlotPermit | null => {
    if (reserved >= count || restsFor() > 0) return null;
    reserved += 1;
    return {};
  };
  return {
    type: 'custom',
    async reserveSlot(_context: SlotReserveContext, signal: AbortSignal): Promise<SlotPermit> {
      for (;;) {
        const permit = reserve();
        if (permit) return permit;
        // Once it is no longer wanted this throws the AbortError that the SDK expects.
        await after(everyMs, undefined, { signal });
      }
    },
    tryReserveSlot: reserve,
    markSlotUsed: () => undefined,
    releaseSlot: () => {
      reserved -= 1;
    },
  };
}
