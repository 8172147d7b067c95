import { createHash } from 'node:crypto';
import type { EpochMetrics, RunResult } from '../../contracts/schemas/documents';
import { runConfigSchema } from '../../contracts/schemas/run';
import { createRandom } from '../../lib/random';
import type { TrackerOptions } from '../../lib/tracking/create-tracker';
import type { NamedWeights, SamplePicture, StepRecord, Tracker } from '../../lib/tracking/tracker';
import type { Store } from '../../lib/storage/store';

export const trackedRunId = '0123456789abcdef';
export const beganAt = Date.UTC(2026, 10, 25, 6);
export const stepsPerEpoch = 20;

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function ref(name: string) {
  return { uri: `store://${name}`, sha256: digest(name) };
}

/** What a trainer would give a tracker of this run; notices go nowhere. */
export function trackerOptions(store: Store, given: Partial<TrackerOptions> = {}): TrackerOptions {
  return {
    store,
    run: trackedRunId,
    config: runConfigSchema.parse({}),
    prepared: ref('prepared'),
    dataset: { name: 'pets', manifest: ref('manifest') },
    resumedFrom: 0,
    onNotice: () => undefined,
    now: () => beganAt + 600_000,
    ...given,
  };
}

export function stepRecord(step: number): StepRecord {
  const noise = createRandom(1).fork(String(step));
  const share = step / 400;
  return {
    step,
    epoch: Math.ceil(step / stepsPerEpoch),
    loss: 2.2 * Math.exp(-3 * share) + 0.25 * noise.next(),
    accuracy: Math.min(1, 0.15 + 0.75 * Math.sqrt(share) + 0.1 * noise.next()),
    lr: 0.001 * Math.min(1, step / 40) * Math.cos((Math.PI / 2) * share),
    gradientNorm: 1.5 * Math.exp(-share) + 0.4 * noise.next(),
    examplesPerSecond: 820 + 120 * noise.next(),
    at: beganAt + step * 1000,
  };
}

export function epochMetrics(epoch: number): EpochMetrics {
  const share = epoch / 20;
  return {
    epoch,
    train_loss: 2.2 * Math.exp(-3 * share),
    train_accuracy: Math.min(0.99, 0.2 + 0.78 * Math.sqrt(share)),
    validation_loss: 2.2 * Math.exp(-2.2 * share) + 0.9 * share * share,
    validation_accuracy: Math.min(0.86, 0.2 + 0.72 * Math.sqrt(share)),
    seconds: 20.5,
  };
}

export function layerWeights(epoch: number): NamedWeights[] {
  const random = createRandom(7).fork(String(epoch));
  const values = Float32Array.from({ length: 2000 }, () => random.normal() * (0.05 + epoch / 100));
  return [
    { name: 'conv1/kernel', values },
    { name: 'conv1/bias', values: new Float32Array(32) },
  ];
}

/** Tells a tracker of the steps after `from` up to `to`, with the epochs that end among them. */
export function tell(tracker: Tracker, from: number, to: number): void {
  for (let step = from + 1; step <= to; step += 1) {
    tracker.step(stepRecord(step));
    if (step % stepsPerEpoch === 0) {
      const epoch = step / stepsPerEpoch;
      tracker.epoch(epochMetrics(epoch), () => layerWeights(epoch));
    }
  }
}

/** The run's result after some epochs, the model being that of the lowest validation loss. */
export function runResult(epochs: number, classes: readonly string[] = ['cat', 'dog', 'horse']): RunResult {
  const history = Array.from({ length: epochs }, (_, index) => epochMetrics(index + 1));
  const best = [...history].sort((a, b) => a.validation_loss - b.validation_loss)[0]!;
  return {
    run: trackedRunId,
    config: runConfigSchema.parse({ epochs }),
    prepared: ref('prepared'),
    model: {
      classes: [...classes],
      preprocessing: { size: 48, color: 'rgb', fit: 'contain' },
      layers: ref('model.json'),
      weights: ref('weights.bin'),
      onnx: ref('model.onnx'),
      parity: { maxDifference: 1e-7, pictures: 64 },
    },
    best,
    history,
    parameters: 1_234_567,
    environment: { tensorflow: '2.9.1', threads: 2, device: 'cpu', cpu: 'A CPU of 2 GHz' },
  };
}

/** Pictures of 48 × 48 pixels, some of them answered wrong. */
export function samplePictures(count: number, classes: readonly string[]): SamplePicture[] {
  const random = createRandom(3);
  return Array.from({ length: count }, (_, index) => {
    const actual = index % classes.length;
    const wrong = random.next() < 0.2;
    const predicted = wrong ? (actual + 1 + random.int(classes.length - 1)) % classes.length : actual;
    const pixels = new Uint8Array(48 * 48 * 3).map((_, at) => {
      const [row, column, channel] = [Math.floor(at / 144), Math.floor(at / 3) % 48, at % 3];
      return (row * (channel + 1) + column * (actual + 2) + 40 * channel + 5 * index) % 256;
    });
    return {
      picture: digest(`picture ${index}`),
      pixels,
      actual: classes[actual]!,
      predicted: classes[predicted]!,
      probability: 0.4 + 0.6 * random.next(),
    };
  });
}
