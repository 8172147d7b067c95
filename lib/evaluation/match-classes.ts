import { Failure } from '../../contracts/failures';
import type { PreparedIndex, TrainedModel } from '../../contracts/schemas/documents';
import { canonicalJson } from '../storage/canonical-json';

/**
 * Pairs a model with a prepared set that it can be asked about.
 *
 * @returns for each label of the prepared set, the model's index of the class of that name.
 * @throws Failure `dataset-invalid`: the set has other classes or another preprocessing than the model
 */
export function matchClasses(model: TrainedModel, index: PreparedIndex): number[] {
  const only = (from: readonly string[], other: readonly string[]): string[] =>
    from.filter((name) => !other.includes(name));
  const unknown = only(index.classes, model.classes);
  const absent = only(model.classes, index.classes);
  if (unknown.length > 0 || absent.length > 0) {
    throw new Failure(
      'dataset-invalid',
      'The model and the prepared set have different classes' +
        (unknown.length > 0 ? `; only the set has ${listing(unknown)}` : '') +
        (absent.length > 0 ? `; only the model has ${listing(absent)}` : '') +
        '. Evaluate it on pictures of the classes that it was trained on.',
    );
  }
  if (canonicalJson(model.preprocessing) !== canonicalJson(index.preprocessing)) {
    throw new Failure(
      'dataset-invalid',
      `The model takes pictures prepared as ${canonicalJson(model.preprocessing)}, but this set was prepared as ` +
        `${canonicalJson(index.preprocessing)}. Prepare the dataset version as the model needs it.`,
    );
  }
  return index.classes.map((name) => model.classes.indexOf(name));
}

function listing(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => JSON.stringify(name));
  return shown.join(', ') + (names.length > shown.length ? ` and ${names.length - shown.length} more` : '');
}
