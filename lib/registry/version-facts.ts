import { Failure } from '../../contracts/failures';
import type { Ref } from '../../contracts/refs';
import { runResultSchema } from '../../contracts/schemas/documents';
import { evaluationSchema } from '../../contracts/schemas/evaluation';
import type { ModelVersion } from '../../contracts/schemas/registry';
import { readJson, type Parser } from '../storage/refs';
import type { Store } from '../storage/store';
import type { VersionFacts } from './compare-versions';
import { formsOf } from './versions';

/** What is recorded of a version beyond its own document. */
export async function readVersionFacts(store: Store, version: ModelVersion): Promise<VersionFacts> {
  const [forms, result, evaluation] = await Promise.all([
    formsOf(store, version),
    ifThere(store, version.lineage.result, runResultSchema),
    ifThere(store, version.evaluation, evaluationSchema),
  ]);
  return { version, forms, result, evaluation };
}

/** The document, or undefined where a cleaning has taken it: a version stands without its run. */
async function ifThere<T>(store: Store, ref: Ref, schema: Parser<T>): Promise<T | undefined> {
  try {
    return await readJson(store, ref, schema);
  } catch (error) {
    if (error instanceof Failure && error.type === 'not-found') return undefined;
    throw error;
  }
}
