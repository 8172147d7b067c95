import { preparedIndexSchema } from '../../contracts/schemas/documents';
import { evaluationSchema } from '../../contracts/schemas/evaluation';
import type { ModelVersion } from '../../contracts/schemas/registry';
import { readPredictions } from '../evaluation/predictions';
import { blobKey, readJson } from '../storage/refs';
import type { Store } from '../storage/store';
import { Failure } from '../../contracts/failures';

/** A real picture, and what the version has said of it when it was evaluated. */
export interface SmokePicture {
  /** SHA-256 of its bytes. */
  readonly digest: string;
  readonly bytes: Buffer;
  /** By class, in [0, 1]; missing where the evaluation kept none. */
  readonly probabilities?: Readonly<Record<string, number>> | undefined;
}

/**
 * Pictures of the version's prepared set, as they came from their source: the test pictures first, spread over the classes.
 *
 * @throws Failure `not-found` where none of them is kept any more
 */
export async function smokePictures(
  store: Store,
  { lineage, evaluation, model }: ModelVersion,
  most: number,
): Promise<SmokePicture[]> {
  const index = await readJson(store, lineage.prepared, preparedIndexSchema);
  const { predictions } = await readJson(store, evaluation, evaluationSchema);
  const known = new Map(
    (predictions ? await readPredictions(store, predictions) : []).map((each) => [each.picture, each]),
  );
  const found: SmokePicture[] = [];
  for (const digest of inTurn(index)) {
    if (found.length === most) break;
    const bytes = await store.read(blobKey(digest)).catch((error: unknown) => {
      // A cleaning may have taken it.
      if (error instanceof Failure && error.type === 'not-found') return undefined;
      throw error;
    });
    if (bytes === undefined) continue;
    const said = known.get(digest)?.probabilities;
    found.push({
      ...{ digest, bytes },
      ...(said && {
        probabilities: Object.fromEntries(model.classes.map((name, at) => [name, said[at] ?? 0])),
      }),
    });
  }
  if (found.length > 0) return found;
  throw new Failure(
    'not-found',
    'None of the pictures that the version was made from is in the store any more, and it cannot be tried without one. ' +
      'Ingest its dataset again.',
  );
}

interface Columns {
  readonly pictures: readonly string[];
  readonly labels: readonly number[];
  readonly splits: readonly string[];
}

/** Digests: of the test split and then the rest, one of each class in turn. */
function inTurn({ pictures, labels, splits }: Columns): string[] {
  const seen = new Map<string, number>();
  const order = pictures.map((digest, at) => {
    const test = splits[at] === 'test' ? 0 : 1;
    const group = `${test} ${labels[at]}`;
    const round = seen.get(group) ?? 0;
    seen.set(group, round + 1);
    return { digest, test, round, label: labels[at] ?? 0 };
  });
  order.sort((a, b) => a.test - b.test || a.round - b.round || a.label - b.label);
  return [...new Set(order.map(({ digest }) => digest))];
}
