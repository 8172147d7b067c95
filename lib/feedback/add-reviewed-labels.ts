import type { Store } from '../storage/store';
import { readHistory } from '../data/history';
import { applyFeedback } from './apply';

/**
 * What a workflow does before it starts a pipeline: makes reviewed labels part of the dataset. The pipeline need not be told of the
 * version: its own ingest comes to the same one, as every ingest has what reviews have added.
 *
 * @returns undefined where the dataset stays as it is, or there is none; safe to be done again
 * @throws as {@link applyFeedback}
 */
export async function addReviewedLabels(
  store: Store,
  { model }: { readonly model: string },
): Promise<{ readonly pictures: number; readonly version: string } | undefined> {
  if ((await readHistory(store, model)).length === 0) return undefined;
  const { added, relabelled, withdrawn, before, version } = await applyFeedback(store, { name: model });
  if (version === before) return undefined;
  return { pictures: added.length + relabelled.length + withdrawn.length, version };
}
