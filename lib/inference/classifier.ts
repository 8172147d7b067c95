import { InferenceSession, Tensor } from 'onnxruntime-node';

/** A model that answers, through ONNX Runtime; no TensorFlow is loaded for it. */
export interface Classifier {
  /** Pixels. */
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly classes: number;
  /**
   * @param images - `[count, height, width, channels]`, as the one decoder makes them.
   * @returns probabilities `[count, classes]`; each row adds up to 1.
   */
  classify(images: Uint8Array, count: number): Promise<Float32Array>;
  /** Gives the memory back once the answers under way are out. A second call does nothing. */
  dispose(): Promise<void>;
}

/**
 * ONNX Runtime's binding computes on the calling thread, so a long batch would hold up everything else in
 * the process: it is answered in slices of this many pictures, with a turn of the event loop between.
 */
const slice = 16;

/**
 * @param onnx - A model of ours (`lib/model/onnx/export.ts`): one uint8 input, probabilities out.
 * @param options.threads - Threads for one answer.
 * @param options.optimised - That it is one that {@link optimisedGraph} gave.
 */
export async function openClassifier(
  onnx: Uint8Array,
  { threads, optimised = false }: { readonly threads: number; readonly optimised?: boolean },
): Promise<Classifier> {
  const session = await InferenceSession.create(onnx, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: optimised ? 'disabled' : 'all',
  });
  const [input] = session.inputMetadata;
  const [output] = session.outputMetadata;
  if (!input?.isTensor || !output?.isTensor)
    throw new Error('the model should have one input and one output');
  const [height, width, channels] = input.shape.slice(1).map(known);
  const [classes] = output.shape.slice(1).map(known);
  if (height === undefined || width === undefined || channels === undefined || classes === undefined) {
    throw new Error('the model should read [batch, height, width, channels] and answer [batch, classes]');
  }
  const size = height * width * channels;
  const pending = new Set<Promise<unknown>>();
  let released: Promise<void> | undefined;

  const answer = async (images: Uint8Array, count: number): Promise<Float32Array> => {
    const probabilities = new Float32Array(count * classes);
    for (let from = 0; from < count; from += slice) {
      const many = Math.min(slice, count - from);
      const pixels = images.subarray(from * size, (from + many) * size);
      const answers = await session.run({
        [input.name]: new Tensor('uint8', pixels, [many, height, width, channels]),
      });
      const data = answers[output.name]?.data;
      if (!(data instanceof Float32Array)) throw new Error('probabilities should be float32');
      probabilities.set(data, from * classes);
    }
    return probabilities;
  };

  return {
    height,
    width,
    channels,
    classes,
    async classify(images, count) {
      if (released) throw new Error('the classifier has been disposed');
      if (images.length !== count * size) {
        throw new RangeError(`${count} pictures have ${count * size} bytes, not ${images.length}`);
      }
      const answering = answer(images, count);
      pending.add(answering);
      try {
        return await answering;
      } finally {
        pending.delete(answering);
      }
    },
    dispose() {
      released ??= Promise.allSettled(pending).then(() => session.release());
      return released;
    },
  };
}

/** A dimension whose size the model leaves open has a name in place of a number. */
function known(dimension: number | string): number {
  if (typeof dimension === 'string') throw new Error(`the model leaves the size ${dimension} open`);
  return dimension;
}
