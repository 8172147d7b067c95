import { setImmediate } from 'node:timers/promises';
import type { PictureStatistic } from '../../contracts/schemas/drift';
import { openObserved } from '../inference/observe';
import { onnxNames } from '../model/onnx/names';
import { statisticColumns, type Observations } from './observations';
import { withEmbedding } from './penultimate';
import { statisticsOf } from './picture-statistics';

/** One picture as the model reads it. */
export interface PreparedPicture {
  /** `[height, width, channels]`, as the one decoder makes them. */
  readonly pixels: Uint8Array;
  /** Pixels of the original, width times height; undefined where nobody knows. */
  readonly size?: number | undefined;
  /** The true class's index; undefined where nobody has said it. */
  readonly label?: number | undefined;
}

interface ObserveOptions {
  /** For the model; ONNX Runtime's own choice where left out. */
  readonly threads?: number | undefined;
  /** Hears how many more have been seen. */
  readonly onPictures?: (count: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Pictures that the model sees at once; between batches others have their turn. */
const batchSize = 16;

/**
 * What one version's own model makes of pictures: their embeddings (what its last layer reads) and probabilities, with what the pictures
 * themselves are like. They are read one after the other and not kept.
 *
 * @param onnx - The version's ONNX form.
 * @throws RangeError where a picture has another size than the model reads; what the pictures' reader throws; the signal's reason
 */
export async function observePictures(
  onnx: Uint8Array,
  pictures: AsyncIterable<PreparedPicture> | Iterable<PreparedPicture>,
  { threads, onPictures, signal }: ObserveOptions = {},
): Promise<Observations> {
  const { onnx: extended, embedding, mirrored } = withEmbedding(onnx);
  const model = await openObserved(extended, { optimised: true, threads });
  const [height = 0, width = 0, channels = 0] = model.shape;
  const bytes = height * width * channels;
  const embeddings: Float32Array[] = [];
  const probabilities: Float32Array[] = [];
  const seen: { readonly statistics: ReturnType<typeof statisticsOf>; readonly label: number }[] = [];
  let batch: Uint8Array[] = [];
  const flush = async (): Promise<void> => {
    signal?.throwIfAborted();
    const images = new Uint8Array(batch.length * bytes);
    batch.forEach((pixels, at) => {
      images.set(pixels, at * bytes);
    });
    const answers = await model.observe(images, batch.length);
    const values = answers.get(embedding) ?? new Float32Array(0);
    embeddings.push(mirrored ? meanOfHalves(values) : values);
    probabilities.push(answers.get(onnxNames.output) ?? new Float32Array(0));
    onPictures?.(batch.length);
    batch = [];
    // ONNX Runtime computes on this thread.
    await setImmediate();
  };
  try {
    for await (const { pixels, size, label = -1 } of pictures) {
      if (pixels.length !== bytes) {
        throw new RangeError(
          `A picture has ${pixels.length} bytes; the model reads ${height} × ${width} × ${channels}, which is ${bytes}.`,
        );
      }
      seen.push({ statistics: statisticsOf(pixels, { width, height, channels }, size), label });
      batch.push(pixels);
      if (batch.length === batchSize) await flush();
    }
    if (batch.length > 0) await flush();
  } finally {
    await model.dispose();
  }
  const count = seen.length;
  const all = { embeddings: joined(embeddings), probabilities: joined(probabilities) };
  const column = (of: PictureStatistic) => Float32Array.from(seen, ({ statistics }) => statistics[of]);
  return {
    ...{ count, ...all },
    dimensions: count === 0 ? 0 : all.embeddings.length / count,
    classes: count === 0 ? 0 : all.probabilities.length / count,
    statistics: statisticColumns(column),
    labels: Int32Array.from(seen, ({ label }) => label),
  };
}

/** The mean of each picture's embedding and that of its mirror image. */
function meanOfHalves(values: Float32Array): Float32Array {
  const half = values.length / 2;
  return Float32Array.from(
    { length: half },
    (_, at) => ((values[at] ?? NaN) + (values[half + at] ?? NaN)) / 2,
  );
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
