import { free } from '../../../tensorflow/handles';
import { add, mul, reshape } from '../../../tensorflow/operations/arithmetic';
import { constantParameter } from '../parameter';
import type { Operation } from '../operation';

interface ScaleAndShift {
  readonly name: string;
  /** One number a channel. */
  readonly scale: Float32Array;
  readonly offset: Float32Array;
  /** Columns of the pictures. */
  readonly width: number;
}

/**
 * y = s · x + o for each channel of `[batch, height, width, channels]`, with fixed s and o: a batch norm whose weights and
 * statistics stay as they are. Each row of a picture meets a row of factors, which takes TensorFlow's broadcasting a quarter
 * of the time that one factor a channel does.
 */
export function scaleAndShift({ name, scale, offset, width }: ScaleAndShift): Operation {
  const row = width * scale.length;
  const along = (what: string, ofChannels: Float32Array) =>
    constantParameter(
      `${name}/${what}`,
      Float32Array.from({ length: row }, (_, at) => ofChannels[at % ofChannels.length] ?? NaN),
      [row],
    );
  const [factors, shifts] = [along('scale', scale), along('offset', offset)];

  return {
    name,
    variables: [],
    statistics: [],
    forward([images]) {
      if (images === undefined) throw new Error(`${name} reads one tensor`);
      const rows = reshape(images, [-1, row]);
      const scaled = factors.use((by) => mul(rows, by));
      const shifted = shifts.use((by) => add(scaled, by));
      const output = reshape(shifted, images.shape);
      free(rows, scaled, shifted);
      return {
        output,
        backward(gradient, [wanted]) {
          if (wanted !== true) return [undefined];
          const flow = reshape(gradient, [-1, row]);
          const before = factors.use((by) => mul(flow, by));
          const shaped = reshape(before, images.shape);
          free(flow, before);
          return [shaped];
        },
      };
    },
    dispose() {
      factors.dispose();
      shifts.dispose();
    },
  };
}
