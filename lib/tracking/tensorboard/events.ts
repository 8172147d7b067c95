import type { MetricsLine } from '../../../contracts/schemas/metrics';
import { figuresOf } from '../series';
import type { WeightsHistogram } from '../sink';
import { encodeEvent } from './event-schema';

/** `DataType.DT_STRING`, `SessionLog.SessionStatus.START` and `DataClass` of TensorFlow's formats. */
const stringType = 7;
const sessionStart = 1;
const tensorClass = 2;
const blobsClass = 3;

/** When and where in a run something is; `at` in milliseconds since 1970. */
export interface Moment {
  readonly step: number;
  readonly at: number;
}

/** What every file begins with. */
export function fileVersion(at: number): Uint8Array {
  return encodeEvent({ wall_time: at / 1000, file_version: 'brain.Event:2' });
}

/** Has TensorBoard forget what it has read of this step and later ones: they are done again. */
export function restart({ step, at }: Moment): Uint8Array {
  return encodeEvent({ wall_time: at / 1000, step, session_log: { status: sessionStart } });
}

export function scalars(line: MetricsLine): Uint8Array {
  return summary(
    line,
    figuresOf(line).map(({ name, value }) => ({ tag: name, simple_value: value })),
  );
}

export function weightsHistogram({ name, step, at, histogram }: WeightsHistogram): Uint8Array {
  const { min, max, count, sum, sumOfSquares, limits, buckets } = histogram;
  const histo = {
    min,
    max,
    num: count,
    sum,
    sum_squares: sumOfSquares,
    bucket_limit: limits,
    bucket: buckets,
  };
  return summary({ step, at }, [{ tag: `weights/${name}`, histo }]);
}

/** Text that TensorBoard shows as Markdown. */
export function text(moment: Moment, tag: string, markdown: string): Uint8Array {
  return summary(moment, [
    {
      tag,
      tensor: { dtype: stringType, tensor_shape: { dim: [] }, string_val: [Buffer.from(markdown)] },
      metadata: { plugin_data: { plugin_name: 'text' }, data_class: tensorClass },
    },
  ]);
}

export interface ImageValue {
  readonly tag: string;
  readonly title: string;
  /** Shown as Markdown. */
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly png: Uint8Array;
}

export function image(moment: Moment, value: ImageValue): Uint8Array {
  const { tag, title, description, width, height, png } = value;
  // The plugin's own order: width and height as text, then the picture.
  const strings = [Buffer.from(String(width)), Buffer.from(String(height)), png];
  return summary(moment, [
    {
      tag,
      tensor: { dtype: stringType, tensor_shape: { dim: [{ size: 3 }] }, string_val: strings },
      metadata: {
        plugin_data: { plugin_name: 'images' },
        display_name: title,
        summary_description: description,
        data_class: blobsClass,
      },
    },
  ]);
}

function summary({ step, at }: Moment, value: readonly object[]): Uint8Array {
  return encodeEvent({ wall_time: at / 1000, step, summary: { value } });
}
