import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import { pictureStatistics, type PictureStatistic } from '../../contracts/schemas/drift';
import { pickRows, statisticColumns, type Observations } from '../../lib/drift/observations';
import { statisticsOf } from '../../lib/drift/picture-statistics';
import { loadBackbone } from '../../lib/model/load-backbone';
import { createRandom } from '../../lib/random';
import { tf } from '../../lib/tensorflow';
import { drifted, type MadeDrift } from './made-drift';
import { sizes } from './trials';

/** What is known of the pictures, once for each of them: a file of float32 rows for each drift, embedding, statistics, probabilities. */
export interface Arrays {
  readonly dimensions: number;
  readonly classes: number;
  /** Rows of `clean`, those with drifted copies last. */
  readonly pool: readonly number[];
  /** Rows of `clean`: the class that head and reference never see. */
  readonly withheld: readonly number[];
}

const topologySchema = z.object({
  modelTopology: z.looseObject({}),
  weightsManifest: z.array(z.object({ paths: z.array(z.string()), weights: z.array(z.looseObject({})) })),
});
const side = 224;
const batch = 32;
const withheldClass = 'spider';

interface Picture {
  readonly file: string;
  readonly label: string;
}

/**
 * Makes the arrays that the cache lacks: each drift's file is written as soon as it is known, so a run that was broken off goes on.
 *
 * @param pictures - A folder with a `manifest.csv` that has a `file` and a `label` column.
 * @param backbone - A TF.js layers model of pictures of 224 × 224, its `model.json`.
 * @param drifts - What is wanted beside the pictures as they are.
 */
export async function makeArrays(
  pictures: string,
  backbone: string,
  cache: string,
  drifts: readonly MadeDrift[],
): Promise<Arrays> {
  const listed = createRandom('drift pictures').shuffle(listOf(pictures));
  const places = listed.map((_, at) => at);
  const withheld = places.filter((at) => listed[at]?.label === withheldClass);
  const known = places.filter((at) => listed[at]?.label !== withheldClass);
  const head = known.slice(0, sizes.head);
  const pool = known.slice(sizes.head, sizes.head + sizes.pool);
  if (pool.length < sizes.pool) {
    throw new Error(
      `${pictures} has ${known.length} pictures that are no ${withheldClass}; ${sizes.head + sizes.pool} are needed`,
    );
  }
  const fileOf = (name: string): string => join(cache, `${name}.f32`);
  const lacking = drifts.filter(({ name }) => !existsSync(fileOf(name)));
  const classNames = [...new Set(known.map((at) => listed[at]?.label ?? ''))].sort();
  const classes = classNames.length;
  const hasClean = existsSync(fileOf('clean'));
  if (!hasClean || lacking.length > 0) {
    const network = await networkOf(backbone);
    const clean = hasClean ? undefined : await observe(network, pictures, listed, undefined);
    const dimensions = clean?.dimensions ?? dimensionsOf(fileOf('clean'), listed.length, classes);
    const embeddings =
      clean?.embeddings ?? readArrays({ dimensions, classes, pool, withheld }, cache, 'clean').embeddings;
    const labels = head.map((at) => classNames.indexOf(listed[at]?.label ?? ''));
    const answer = await trainHead(pickRows(embeddings, dimensions, head), labels, classes);
    const write = (name: string, seen: Seen): void => {
      writeRows(fileOf(name), seen, answer(seen.embeddings), classes);
    };
    if (clean) write('clean', clean);
    const changed = pool.slice(-sizes.drifted).flatMap((at) => listed[at] ?? []);
    for (const drift of lacking) {
      console.error(`${drift.name}: ${changed.length} pictures …`);
      write(drift.name, await observe(network, pictures, changed, drift));
    }
  }
  return { dimensions: dimensionsOf(fileOf('clean'), listed.length, classes), classes, pool, withheld };
}

function dimensionsOf(file: string, count: number, classes: number): number {
  return statSync(file).size / Float32Array.BYTES_PER_ELEMENT / count - pictureStatistics.length - classes;
}

function writeRows(
  file: string,
  { embeddings, statistics, dimensions }: Seen,
  probabilities: Float32Array,
  classes: number,
): void {
  const columns = pictureStatistics.length;
  const width = dimensions + columns + classes;
  const count = embeddings.length / dimensions;
  const rows = new Float32Array(count * width);
  for (let row = 0; row < count; row += 1) {
    rows.set(embeddings.subarray(row * dimensions, (row + 1) * dimensions), row * width);
    rows.set(statistics.subarray(row * columns, (row + 1) * columns), row * width + dimensions);
    const answers = probabilities.subarray(row * classes, (row + 1) * classes);
    rows.set(answers, row * width + dimensions + columns);
  }
  // Under its name only once it is whole.
  writeFileSync(`${file}.part`, Buffer.from(rows.buffer));
  renameSync(`${file}.part`, file);
}

/** A file of the cache as what a comparison takes; nobody has said the classes. */
export function readArrays({ dimensions, classes }: Arrays, cache: string, name: string): Observations {
  const bytes = readFileSync(join(cache, `${name}.f32`));
  const rows = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const width = dimensions + pictureStatistics.length + classes;
  const count = rows.length / width;
  const columns = (from: number, many: number): Float32Array => {
    const values = new Float32Array(count * many);
    for (let row = 0; row < count; row += 1) {
      values.set(rows.subarray(row * width + from, row * width + from + many), row * many);
    }
    return values;
  };
  const statistic = (of: PictureStatistic) => columns(dimensions + pictureStatistics.indexOf(of), 1);
  return {
    ...{ count, dimensions, classes },
    embeddings: columns(0, dimensions),
    statistics: statisticColumns(statistic),
    probabilities: columns(dimensions + pictureStatistics.length, classes),
    labels: new Int32Array(count).fill(-1),
  };
}

function listOf(pictures: string): Picture[] {
  const [header = '', ...lines] = readFileSync(join(pictures, 'manifest.csv'), 'utf8').trim().split('\n');
  const columns = header.trim().split(',');
  return lines.map((line) => {
    const values = line.trim().split(',');
    return { file: values[columns.indexOf('file')] ?? '', label: values[columns.indexOf('label')] ?? '' };
  });
}

async function networkOf(backbone: string): Promise<tf.LayersModel> {
  const { modelTopology, weightsManifest } = topologySchema.parse(JSON.parse(readFileSync(backbone, 'utf8')));
  const files = weightsManifest.flatMap(({ paths }) => paths);
  return loadBackbone({
    topology: modelTopology,
    weights: weightsManifest.flatMap(({ weights }) => weights),
    bytes: Buffer.concat(files.map((file) => readFileSync(join(backbone, '..', file)))),
  });
}

interface Seen {
  readonly dimensions: number;
  readonly embeddings: Float32Array;
  readonly statistics: Float32Array;
}

async function observe(
  network: tf.LayersModel,
  folder: string,
  listed: readonly Picture[],
  drift: MadeDrift | undefined,
): Promise<Seen> {
  const [embeddings, statistics]: [Float32Array[], number[]] = [[], []];
  for (let from = 0; from < listed.length; from += batch) {
    const some = listed.slice(from, from + batch);
    const pixels = new Uint8Array(some.length * side * side * 3);
    for (const [at, { file }] of some.entries()) {
      const { data, info } = await sharp(join(folder, file))
        .resize(side, side, { fit: 'cover' })
        .removeAlpha()
        .toColourspace('srgb')
        .raw()
        .toBuffer({ resolveWithObject: true });
      if (info.channels !== 3) throw new Error(`${file} has ${info.channels} channels, not 3`);
      const picture = drift === undefined ? data : await drifted(data, side, drift, file);
      pixels.set(picture, at * side * side * 3);
      // Without sizes: made drift keeps the original's.
      const found = statisticsOf(picture, { width: side, height: side, channels: 3 });
      statistics.push(...pictureStatistics.map((of) => found[of]));
    }
    embeddings.push(
      tf.tidy(() => {
        const input = tf.tensor4d(
          Float32Array.from(pixels, (value) => value / 127.5 - 1),
          [some.length, side, side, 3],
        );
        const features = network.predict(input) as tf.Tensor;
        const pooled = features.rank === 4 ? tf.mean(features, [1, 2]) : features;
        return Float32Array.from(pooled.dataSync());
      }),
    );
  }
  const values = Float32Array.from(embeddings.flatMap((one) => Array.from(one)));
  return {
    dimensions: values.length / listed.length,
    embeddings: values,
    statistics: Float32Array.from(statistics),
  };
}

/** A linear head, trained with all its pictures at once; gives what answers with probabilities. */
async function trainHead(
  embeddings: Float32Array,
  labels: readonly number[],
  classes: number,
): Promise<(embeddings: Float32Array) => Float32Array> {
  const dimensions = embeddings.length / labels.length;
  const initializer = tf.initializers.zeros();
  const head = tf.sequential({
    layers: [
      tf.layers.dense({
        units: classes,
        activation: 'softmax',
        inputShape: [dimensions],
        kernelInitializer: initializer,
      }),
    ],
  });
  head.compile({ optimizer: tf.train.adam(0.003), loss: 'categoricalCrossentropy' });
  const wanted = tf.oneHot(tf.tensor1d([...labels], 'int32'), classes);
  const seen = tf.tensor2d(embeddings, [labels.length, dimensions]);
  for (let step = 0; step < 80; step += 1) await head.trainOnBatch(seen, wanted);
  return (given) =>
    tf.tidy(() => {
      const answered = head.predict(tf.tensor2d(given, [given.length / dimensions, dimensions])) as tf.Tensor;
      return Float32Array.from(answered.dataSync());
    });
}
