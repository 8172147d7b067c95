import { InferenceSession, Tensor } from 'onnxruntime-node';

interface ObservedOptions {
  /** Whether operations may be fused: faster, and values differ in the last digits. Else each is what the graph says. */
  readonly optimised?: boolean;
  /** For one answer; ONNX Runtime's own choice where left out. */
  readonly threads?: number | undefined;
}

/**
 * Opens a model that answers several float32 values.
 *
 * @param onnx - One uint8 input `[batch, height, width, channels]`; any number of float32 outputs.
 */
export async function openObserved(onnx: Uint8Array, { optimised = false, threads }: ObservedOptions = {}) {
  const session = await InferenceSession.create(onnx, {
    graphOptimizationLevel: optimised ? 'all' : 'disabled',
    ...(threads !== undefined && { intraOpNumThreads: threads }),
  });
  const [input] = session.inputMetadata;
  if (!input?.isTensor) throw new Error('the model should have one input');
  const shape = input.shape.slice(1).map(Number);
  return {
    /** `[height, width, channels]` */
    shape,
    /** @returns every output's numbers, by its name, for `count` pictures. */
    async observe(images: Uint8Array, count: number): Promise<ReadonlyMap<string, Float32Array>> {
      const answers = await session.run({ [input.name]: new Tensor('uint8', images, [count, ...shape]) });
      return new Map(
        Object.entries(answers).map(([name, { data }]) => {
          if (!(data instanceof Float32Array)) throw new Error(`${name} should be float32`);
          return [name, data];
        }),
      );
    },
    dispose: (): Promise<void> => session.release(),
  };
}
