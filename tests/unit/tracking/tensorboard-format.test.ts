import { describe, expect, it } from '@jest/globals';
import { crc32c, maskedCrc32c } from '../../../lib/tracking/tensorboard/crc32c';
import { decodeEvent } from '../../../lib/tracking/tensorboard/event-schema';
import { fileVersion, restart, text, weightsHistogram } from '../../../lib/tracking/tensorboard/events';
import { encodeEvent } from '../../../lib/tracking/tensorboard/event-schema';
import { histogramOf } from '../../../lib/tracking/tensorboard/histogram';
import { decodeRecords, encodeRecords } from '../../../lib/tracking/tensorboard/tf-records';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const at = 1795586401500;

describe('CRC-32C', () => {
  it('is that of RFC 3720, appendix B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index))).toBe(0x46dd794e);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, index) => 31 - index))).toBe(0x113fdb5c);
  });

  it('is that of the check string, and of nothing zero', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array())).toBe(0);
    expect(maskedCrc32c(new Uint8Array())).toBe(0xa282ead8);
  });
});

describe('TFRecords', () => {
  // Written by tensorboard 2.21.0: RecordWriter, write(b'drover'), write(b'').
  const written = '06000000000000007369d53764726f76657241b3e0a1000000000000000029039807d8ea82a2';

  it("are, byte for byte, those of TensorBoard's own writer", () => {
    expect(hex(encodeRecords([Buffer.from('drover'), Buffer.from('')]))).toBe(written);
  });

  it('come back, and are refused where a byte is another or missing', () => {
    const bytes = Buffer.from(written, 'hex');
    expect(decodeRecords(bytes).map(String)).toEqual(['drover', '']);
    for (const place of [0, 9, 13, 19]) {
      const changed = Buffer.from(bytes);
      changed[place] = (changed[place] ?? 0) ^ 1;
      expect(() => decodeRecords(changed)).toThrow(/damaged at byte 0/);
    }
    expect(() => decodeRecords(bytes.subarray(0, -1))).toThrow(/damaged at byte 22/);
  });
});

describe('events', () => {
  // Each serialised by tensorboard 2.21.0: Event of tensorboard.compat.proto, SerializeToString().
  it('with scalars have the bytes of TensorBoard, also at steps of more than 32 bits', () => {
    const event = encodeEvent({
      wall_time: at / 1000,
      step: 3_000_000_000,
      summary: {
        value: [
          { tag: 'train/loss', simple_value: 0.25 },
          { tag: 'train/accuracy', simple_value: 0.5 },
        ],
      },
    });
    expect(hex(event)).toBe(
      '09000060589ec1da411080bcc1960b2a2a0a110a0a747261696e2f6c6f7373150000803e' +
        '0a150a0e747261696e2f6163637572616379150000003f',
    );
    expect(decodeEvent(event)).toMatchObject({ step: 3_000_000_000, wall_time: at / 1000 });
  });

  it('with a histogram have the bytes of TensorBoard', () => {
    const totals = { min: -1, max: 2, count: 3, sum: 1, sumOfSquares: 5 };
    const histogram = { ...totals, limits: [0.5, 2], buckets: [2, 1] };
    expect(hex(weightsHistogram({ name: 'bias', step: 20, at, histogram }))).toBe(
      '09000060589ec1da4110142a630a610a0c776569676874732f626961732a5109000000000000f0bf110000000000000040' +
        '19000000000000084021000000000000f03f2900000000000014403210000000000000e03f0000000000000040' +
        '3a100000000000000040000000000000f03f',
    );
  });

  it('with text, a restart and a version have the bytes of TensorBoard', () => {
    expect(hex(text({ step: 0, at }, 'configuration', '**lr**'))).toBe(
      '09000060589ec1da412a2b0a290a0d636f6e66696775726174696f6e420c0807120042062a2a6c722a2a4a0a0a060a04746578742002',
    );
    expect(hex(restart({ step: 121, at }))).toBe('09000060589ec1da4110793a020801');
    expect(hex(fileVersion(at))).toBe('09000060589ec1da411a0d627261696e2e4576656e743a32');
  });
});

describe('a histogram of weights', () => {
  it('counts every value once, between the smallest and the largest', () => {
    const values = Float32Array.from({ length: 301 }, (_, index) => index - 100);
    const histogram = histogramOf(values)!;
    expect(histogram).toMatchObject({ min: -100, max: 200, count: 301, sum: 15_050 });
    expect(histogram.sumOfSquares).toBe(values.reduce((sum, value) => sum + value * value, 0));
    expect(histogram.buckets).toEqual([...new Array<number>(29).fill(10), 11]);
    expect(histogram.limits.at(-1)).toBe(200);
    expect(histogram.limits[0]).toBeCloseTo(-90);
  });

  it('is of finite values alone, and of one bucket where all are equal', () => {
    expect(histogramOf(new Float32Array(4))).toMatchObject({ limits: [0], buckets: [4] });
    expect(histogramOf(Float32Array.of(1, NaN, Infinity, 3))).toMatchObject({ count: 2, min: 1, max: 3 });
    expect(histogramOf(Float32Array.of(NaN))).toBeUndefined();
  });
});
