import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PreparedRef } from '../../contracts/refs';
import type { Precision } from '../../contracts/schemas/run';
import { createProgram } from '../model/program/program';
import { digestOf, sha256 } from '../storage/refs';
import type { Store } from '../storage/store';
import { tensorflowDevice, tensorflowVersion, type tf } from '../tensorflow';
import { cast } from '../tensorflow/operations/arithmetic';
import { download, free, scoped, upload } from '../tensorflow/handles';
import { roundsToTf32 } from '../tensorflow/rounding';
import { plainBatches, type Examples } from './batches';

export interface KeptFeatures {
  readonly store: Store;
  readonly prepared: PreparedRef;
  /** The digest of the backbone that they come of. */
  readonly backbone: string;
  readonly threads: number;
  readonly precision: Precision;
  /** Hears that it goes on, and where the pictures are counted through. */
  readonly onProgress: () => void;
}

/** Pictures in one file: what an interruption costs at most. */
const partSize = 512;
/** Pictures at once. */
const batchSize = 32;
/** Of a SHA-256. */
const digestBytes = 32;
/** Raised where the same pictures and backbone would give other features. */
const version = 1;

/**
 * What a fixed backbone makes of a split's pictures, computed once for a prepared set and read by every run after: a
 * sweep's trials share them. Kept in parts, so that another process goes on where one was stopped; a part that is damaged
 * is computed again.
 *
 * The key holds the threads, TensorFlow's version and what kind of device it is: others give features that differ in their last bits, and a run's
 * bytes must not hang on who came first.
 *
 * @param model - Pictures in, `[batch, features]` out.
 */
export async function keptFeatures(
  { store, prepared, backbone, threads, precision, onProgress }: KeptFeatures,
  split: 'train' | 'validation',
  pictures: Examples,
  model: tf.LayersModel,
): Promise<Examples> {
  const width = Number(model.outputs[0]?.shape.at(-1));
  const inputs = {
    ...{ version, backbone, prepared: prepared.sha256, threads, tensorflow: tensorflowVersion() },
    ...(tensorflowDevice() === 'gpu' && { device: 'gpu', tf32: roundsToTf32(precision) }),
  };
  const folder = `features/${digestOf(inputs).slice(0, 16)}/${split}`;
  const values = new Float32Array(pictures.count * width);
  const size = pictures.values.length / pictures.count;
  let program: ReturnType<typeof createProgram> | undefined;
  try {
    for (let from = 0; from < pictures.count; from += partSize) {
      const count = Math.min(partSize, pictures.count - from);
      const key = `${folder}-${String(from).padStart(7, '0')}.bin`;
      const target = new Uint8Array(values.buffer, from * width * 4, count * width * 4);
      const kept = unsealed((await store.readVersioned(key))?.bytes);
      if (kept?.length === target.length) {
        target.set(kept);
        onProgress();
        continue;
      }
      program ??= createProgram(model, { type: 'float32', statistics: 'moving' });
      const part = {
        ...pictures,
        count,
        values: pictures.values.subarray(from * size, (from + count) * size),
        labels: pictures.labels.subarray(from, from + count),
      };
      let at = from * width;
      for (const batch of plainBatches(part, batchSize)) {
        const found = featuresOf(program, batch.images, [batch.count, ...batch.shape]);
        values.set(found, at);
        at += found.length;
        onProgress();
        await nextTurn();
      }
      await store.write(key, sealed(target));
    }
  } finally {
    program?.dispose();
  }
  return { count: pictures.count, shape: [width], values, labels: pictures.labels };
}

/** A part as it is kept: nothing names its digest, so that stands behind it. */
function sealed(part: Uint8Array): Buffer {
  return Buffer.concat([part, Buffer.from(sha256(part), 'hex')]);
}

/** What {@link sealed} was given; undefined where that can't be told. */
function unsealed(bytes: Uint8Array | undefined): Uint8Array | undefined {
  if (bytes === undefined) return undefined;
  const part = bytes.subarray(0, -digestBytes);
  return sealed(part).equals(bytes) ? part : undefined;
}

function featuresOf(
  program: ReturnType<typeof createProgram>,
  images: Uint8Array | Float32Array,
  shape: readonly number[],
): Float32Array {
  return scoped(() => {
    const given = upload(images, shape);
    const pixels = given.type === 'float32' ? given : cast(given, 'float32');
    const output = program.predict(pixels);
    const values = download(output);
    free(output);
    return values;
  });
}
