import { join } from 'node:path';
import type { Registry as MetricsRegistry } from 'prom-client';
import { challengerAlias, championAlias } from '../../contracts/names';
import type { Settings } from '../../contracts/schemas/settings';
import type { Logger } from '../../lib/logging/logger';
import { createRegistry } from '../../lib/registry/registry';
import type { Store } from '../../lib/storage/store';
import type { Engine } from '../engine/engine';
import { withChallenger } from './challenger';
import { createChallengerMetrics } from './challenger-metrics';
import { followAlias, type FollowedModel } from './follow-alias';
import { openLocalCopy } from './local-copy';
import { pinned } from './pinned-version';
import type { ModelHolder } from './served-model';

/** Between two looks at an alias, in milliseconds. */
const followMs = 1_000;

interface FollowModelsOptions {
  readonly settings: Pick<Settings, 'home' | 'model' | 'modelVersion' | 'api'>;
  readonly store: Store;
  readonly engine: Engine;
  readonly metrics: MetricsRegistry;
  readonly logger: Logger;
}

/** What the settings have answer: the champion or the one version that is named, with a challenger beside it or without. */
export function followModels(options: FollowModelsOptions): ModelHolder & Pick<FollowedModel, 'close'> {
  const { settings, store, engine, metrics, logger } = options;
  const { home, model: name, modelVersion } = settings;
  const registry = createRegistry(store);
  const followed = { store, engine, name, intervalMs: followMs, logger };
  const copy = openLocalCopy({
    folder: join(home, 'serving'),
    location: store.location,
    ...{ name, alias: championAlias },
  });
  const champion = followAlias({
    ...followed,
    registry: pinned(registry, modelVersion),
    alias: championAlias,
    // Who deployed one version wants that one, or none.
    copy: modelVersion === undefined ? copy : undefined,
  });
  const { challenging } = settings.api;
  if (challenging.mode === 'off') return champion;

  const challenger = followAlias({ ...followed, registry, alias: challengerAlias, leaves: true });
  const both = withChallenger({
    ...{ champion, challenger, mode: challenging, engine, logger },
    listener: createChallengerMetrics(metrics, challenger),
  });
  return {
    ...both,
    async close() {
      await Promise.all([champion.close(), challenger.close()]);
    },
  };
}
