import { pictureStatistics, type PictureStatistic } from '../../contracts/schemas/drift';

/** What is known of some pictures, as one version's model sees them: all that a comparison looks at. */
export interface Observations {
  readonly count: number;
  /** Numbers of one embedding. */
  readonly dimensions: number;
  /** `[count, dimensions]`, row after row: what the model's last layer reads. */
  readonly embeddings: Float32Array;
  readonly classes: number;
  /** `[count, classes]`, row after row; each row adds up to 1. */
  readonly probabilities: Float32Array;
  /** `[count]` each; NaN where nobody knows it. See `statisticsOf`. */
  readonly statistics: Readonly<Record<PictureStatistic, Float32Array>>;
  /** `[count]`: the true class's index, or -1 where nobody has said it. */
  readonly labels: Int32Array;
}

/** How far a row of probabilities may be from adding up to 1: models in whole numbers round. */
const tolerance = 0.01;

/**
 * Checks what the types don't say.
 *
 * @param name - How messages call these.
 * @throws RangeError where the parts don't agree in length, an embedding or a probability is no finite number, or a label is no class
 */
export function requireObservations(observed: Observations, name: string): void {
  const { count, dimensions, classes, embeddings, probabilities, labels, statistics } = observed;
  const lengths: readonly (readonly [string, number, number])[] = [
    ['embeddings', embeddings.length, count * dimensions],
    ['probabilities', probabilities.length, count * classes],
    ['labels', labels.length, count],
    ...pictureStatistics.map((of) => [of, statistics[of].length, count] as const),
  ];
  for (const [what, found, expected] of lengths) {
    if (found === expected) continue;
    throw new RangeError(
      `${name}: ${found} numbers of ${what} where ${expected} were expected for ${count} pictures`,
    );
  }
  for (let at = 0; at < embeddings.length; at += 1) {
    if (Number.isFinite(embeddings[at])) continue;
    throw new RangeError(
      `${name}: the embedding of picture ${Math.floor(at / dimensions)} holds ${embeddings[at]}`,
    );
  }
  for (let picture = 0; picture < count; picture += 1) {
    let sum = 0;
    for (let at = picture * classes; at < (picture + 1) * classes; at += 1) sum += probabilities[at] ?? NaN;
    if (!(Math.abs(sum - 1) <= tolerance)) {
      throw new RangeError(`${name}: the probabilities of picture ${picture} add up to ${sum}, not to 1`);
    }
    const label = labels[picture] ?? -1;
    if (label >= -1 && label < classes) continue;
    throw new RangeError(`${name}: picture ${picture} has the class ${label}, outside 0 to ${classes - 1}`);
  }
}

/**
 * Some of the pictures, in the order given.
 *
 * @param places - Each in [0, count).
 */
export function pickObservations(observed: Observations, places: readonly number[]): Observations {
  const { dimensions, classes, statistics } = observed;
  const picked = (values: Float32Array): Float32Array =>
    Float32Array.from(places, (place) => values[place] ?? NaN);
  return {
    ...{ count: places.length, dimensions, classes },
    embeddings: pickRows(observed.embeddings, dimensions, places),
    probabilities: pickRows(observed.probabilities, classes, places),
    statistics: statisticColumns((of) => picked(statistics[of])),
    labels: Int32Array.from(places, (place) => observed.labels[place] ?? -1),
  };
}

/** Rows of a matrix, in the order given. */
export function pickRows(values: Float32Array, width: number, rows: readonly number[]): Float32Array {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, at) => {
    picked.set(values.subarray(row * width, (row + 1) * width), at * width);
  });
  return picked;
}

/** A column for each statistic. */
export function statisticColumns(
  columnOf: (statistic: PictureStatistic) => Float32Array,
): Readonly<Record<PictureStatistic, Float32Array>> {
  return {
    brightness: columnOf('brightness'),
    contrast: columnOf('contrast'),
    sharpness: columnOf('sharpness'),
    size: columnOf('size'),
    saturation: columnOf('saturation'),
    warmth: columnOf('warmth'),
  };
}
