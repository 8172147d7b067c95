import { Failure } from '../contracts/failures';
import { championAlias } from '../contracts/names';
import type { ModelDescription, ModelHolder } from './models/served-model';

/** @throws Failure `model-unavailable` where there is none yet. */
export function requireModel(models: ModelHolder): ModelDescription {
  const model = models.current();
  if (model !== undefined) return model;
  throw new Failure(
    'model-unavailable',
    `There is no ${championAlias} to answer yet: one is served as soon as a pipeline has promoted it.`,
  );
}
