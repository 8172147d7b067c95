import type { Service } from './service';
import { measure } from './measure';
import type { Side, Variant } from './contenders';

export interface Calibrated {
  readonly side: Side;
  readonly variant: Variant;
}

export type StartVariant = (side: Side, variant: Variant, port: number) => Promise<Service>;

/** A short run of each way to run a side, one at a time, and the one with the most answers a second; ways that do not start are named. */
export async function calibrate(
  side: Side,
  start: StartVariant,
  requests: readonly Buffer[],
  seconds: number,
  port: number,
): Promise<Calibrated | undefined> {
  let best: { variant: Variant; perSecond: number } | undefined;
  for (const variant of side.variants) {
    try {
      const service = await start(side, variant, port);
      try {
        await measure(service, requests, { connections: 16, seconds: Math.min(1, seconds) });
        const { perSecond, p99, bad } = await measure(service, requests, { connections: 16, seconds });
        console.log(
          `${side.name}, ${variant.name}: ${perSecond.toFixed(0)}/s, p99 ${p99.toFixed(1)} ms, ${bad} bad`,
        );
        if (best === undefined || perSecond > best.perSecond) best = { variant, perSecond };
      } finally {
        await service.stop();
      }
    } catch (error) {
      console.log(`${side.name}, ${variant.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (best === undefined) return undefined;
  if (side.variants.length > 1) console.log(`  kept: ${side.name}, ${best.variant.name}`);
  return { side, variant: best.variant };
}
