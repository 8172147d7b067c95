import { Failure } from '../../contracts/failures';
import type { Ref } from '../../contracts/refs';
import { datasetHistorySchema, type DatasetVersionEntry } from '../../contracts/schemas/dataset';
import { preparedIndexSchema, runResultSchema } from '../../contracts/schemas/documents';
import type { ModelVersion } from '../../contracts/schemas/registry';
import type { SweepRecord } from '../../contracts/schemas/sweep-record';
import { parseDocument, readRef, type Parser } from '../storage/refs';
import type { Store } from '../storage/store';

/** `ok`: read, and it has the digest that was recorded. */
export type LinkState = 'ok' | 'changed' | 'gone';

/** One thing that a version comes from, and what that comes from. */
export interface Link {
  readonly kind: 'model' | 'run' | 'sweep' | 'prepared' | 'dataset' | 'source' | 'evaluation';
  readonly name: string;
  /** For people: `15 epochs, seed 1`. */
  readonly says?: string;
  /** Where it lies and what its bytes must be; missing for what is not kept as bytes. */
  readonly ref?: Ref;
  readonly state?: LinkState;
  readonly from: readonly Link[];
}

/**
 * Follows a version back to its sources, reading every document on the way against its digest. What a cleaning
 * took is named, with its digest, and said to be gone.
 *
 * @param sweep - the record of the sweep that the version's lineage names, where there is one
 */
export async function traceVersion(
  store: Store,
  version: ModelVersion,
  sweep: SweepRecord | undefined,
): Promise<Link> {
  const { lineage, model } = version;
  const [served, result, prepared, manifest, evaluation] = await Promise.all([
    look(store, model.onnx),
    look(store, lineage.result, runResultSchema),
    look(store, lineage.prepared, preparedIndexSchema),
    look(store, lineage.manifest),
    look(store, version.evaluation),
  ]);
  const dataset = datasetOf(lineage.manifest);
  const entry = dataset === undefined ? undefined : await datasetEntry(store, dataset, lineage.manifest);

  const sources: Link[] = entry === undefined ? [] : [{ kind: 'source', name: entry.source, from: [] }];
  const datasetLink: Link = {
    kind: 'dataset',
    name: `${dataset ?? 'dataset'}@${lineage.manifest.sha256.slice(0, 12)}`,
    ...(entry && { says: `${entry.pictures} pictures of ${entry.classes} classes, taken in ${entry.at}` }),
    ref: lineage.manifest,
    state: manifest.state,
    from: sources,
  };
  const index = prepared.value;
  const preparedLink: Link = {
    kind: 'prepared',
    name: `${model.preprocessing.size} × ${model.preprocessing.size} ${model.preprocessing.color}`,
    ...(index && { says: `${index.pictures.length} pictures` }),
    ref: lineage.prepared,
    state: prepared.state,
    from: [datasetLink],
  };
  const trial = sweep?.trials.find(({ run }) => run === lineage.run);
  const sweepLinks: Link[] =
    lineage.sweep === undefined
      ? []
      : [
          {
            kind: 'sweep',
            name: lineage.sweep,
            ...(sweep && {
              says: `${trial === undefined ? '' : `trial ${trial.trial} of `}${sweep.trials.length} trials, ${sweep.config.method}`,
            }),
            from: [preparedLink],
          },
        ];
  const run = result.value;
  return {
    kind: 'model',
    name: `${version.name} version ${version.version}`,
    says: `registered ${version.createdAt}`,
    ref: model.onnx,
    state: served.state,
    from: [
      { kind: 'evaluation', name: 'evaluation', ref: version.evaluation, state: evaluation.state, from: [] },
      {
        kind: 'run',
        name: lineage.run,
        ...(run && {
          says: `${run.history.length} epochs, the best ${run.best.epoch}, seed ${run.config.seed}${
            run.environment.drover === undefined ? '' : `, Drover ${run.environment.drover}`
          }`,
        }),
        ref: lineage.result,
        state: result.state,
        from: sweepLinks.length > 0 ? sweepLinks : [preparedLink],
      },
    ],
  };
}

async function look<T>(
  store: Store,
  ref: Ref,
  schema?: Parser<T>,
): Promise<{ readonly state: LinkState; readonly value?: T }> {
  let bytes: Buffer;
  try {
    bytes = await readRef(store, ref);
  } catch (error) {
    if (error instanceof Failure && error.type === 'not-found') return { state: 'gone' };
    if (error instanceof Failure && error.type === 'digest-mismatch') return { state: 'changed' };
    throw error;
  }
  try {
    return { state: 'ok', ...(schema && { value: parseDocument(bytes, schema, ref.uri) }) };
  } catch {
    // Of another version of Drover: these are the bytes that were recorded, and that is what is asked here.
    return { state: 'ok' };
  }
}

function datasetOf(manifest: Ref): string | undefined {
  return /^store:\/\/datasets\/([^/]+)\//.exec(manifest.uri)?.[1];
}

async function datasetEntry(
  store: Store,
  name: string,
  manifest: Ref,
): Promise<DatasetVersionEntry | undefined> {
  const key = `datasets/${name}/history.json`;
  const found = await store.readVersioned(key);
  if (found === undefined) return undefined;
  return parseDocument(found.bytes, datasetHistorySchema, key).versions.findLast(
    (entry) => entry.manifest.sha256 === manifest.sha256,
  );
}
