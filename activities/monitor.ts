import type { MonitorCooldown } from '../contracts/monitor';
import { championAlias } from '../contracts/names';
import {
  followUpSchema,
  monitorInputSchema,
  type FollowUp,
  type Look,
  type MonitorConfig,
} from '../contracts/schemas/monitor';
import { waitMilliseconds } from '../contracts/waits';
import { resolveConfiguration } from '../lib/configuration/resolve';
import { addReviewedLabels } from '../lib/feedback/add-reviewed-labels';
import { cooldownAfter } from '../lib/monitor/cooldown';
import { lookForDrift, type LookWish } from '../lib/monitor/look';
import { latestFollowUp, writeFollowUp } from '../lib/monitor/records';
import type { Registry } from '../lib/registry/registry';
import type { Store } from '../lib/storage/store';
import { withHeartbeat } from './heartbeat';
import { parseInput } from './input';

interface Dependencies {
  readonly store: Store;
  readonly registry: Registry;
  readonly project: string;
  readonly defaults: string;
}

/** What a look is to do; `version` is missing where the model has no champion. */
export type LookPlan = Omit<LookWish, 'version'> & {
  readonly version: number | undefined;
  readonly approval: MonitorConfig['approval'];
  readonly retrain: MonitorConfig['retrain'];
  readonly cooldown: MonitorConfig['cooldown'];
};

export interface CooldownQuestion {
  readonly model: string;
  readonly version: number;
  /** ISO 8601: now. */
  readonly at: string;
  readonly cooldown: string;
}

/** Labels that were reviewed and are part of the dataset now. */
export interface AddedLabels {
  readonly pictures: number;
  /** The dataset version. */
  readonly version: string;
}

/** Whether what users send still looks like what the champion was made of. */
export function createMonitorActivities({ store, registry, project, defaults }: Dependencies) {
  const places = { project, store, defaultConfigs: defaults };

  return {
    /** Reads the configuration, and who the champion is; it changes nothing. */
    async planLook(given: unknown, of: Pick<LookWish, 'id' | 'workflow' | 'at'>): Promise<LookPlan> {
      // What came as JSON may be null.
      const input = parseInput(monitorInputSchema, given ?? undefined, 'monitor');
      const { config: written, overrides, until = of.at, dryRun = false } = input;
      const { config } = await resolveConfiguration(
        'monitor',
        written === undefined && overrides === undefined
          ? undefined
          : { config: written, overrides: overrides ?? [] },
        places,
      );
      const model = config.model ?? (await resolveConfiguration('pipeline', undefined, places)).config.name;
      const version = (await registry.alias(model, championAlias))?.alias.version;
      const {
        most,
        reference,
        pictures,
        keep,
        drift,
        on_breach: policy,
        approval,
        cooldown,
        retrain,
      } = config;
      return {
        ...of,
        ...{ model, version, dryRun, policy },
        since: new Date(Date.parse(until) - waitMilliseconds(config.window)).toISOString(),
        until: new Date(until).toISOString(),
        ...{ most, reference, pictures, keep, drift, approval, cooldown, retrain },
      };
    },

    /** Of drift of a version that was answered not long ago, so that nothing is to follow it again; asked after a look, which takes its time. */
    async cooldownOf({
      model,
      version,
      at,
      cooldown,
    }: CooldownQuestion): Promise<MonitorCooldown | undefined> {
      return cooldownAfter(await latestFollowUp(store, model), {
        ...{ version, at, lasts: waitMilliseconds(cooldown) },
      });
    },

    /** Compares, and writes what it found with a report; safe to be killed in, and to be done again. */
    async lookForDrift(wish: LookWish): Promise<Look> {
      return withHeartbeat(async (onProgress, signal) => {
        const version = await registry.get(wish.model, wish.version);
        return lookForDrift(store, version, wish, { onProgress, signal });
      });
    },

    /** Makes labels that were reviewed part of the dataset; undefined where there are none. */
    async addReviewedLabels({ model }: { readonly model: string }): Promise<AddedLabels | undefined> {
      return withHeartbeat(() => addReviewedLabels(store, { model }));
    },

    /** Writes what has followed a look, in place of what it was. */
    async keepFollowUp(record: FollowUp): Promise<void> {
      await writeFollowUp(store, followUpSchema.parse(record));
    },
  };
}
