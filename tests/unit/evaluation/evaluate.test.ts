import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { storeUri, type PreparedRef } from '../../../contracts/refs';
import type { SplitName, TrainedModel } from '../../../contracts/schemas/documents';
import { evaluationMetrics, evaluationSchema } from '../../../contracts/schemas/evaluation';
import { evaluateModel } from '../../../lib/evaluation/evaluate';
import { metricOf } from '../../../lib/evaluation/metric-of';
import { argmax } from '../../../lib/evaluation/metrics/argmax';
import { readPredictions } from '../../../lib/evaluation/predictions';
import { evaluationMarkdown } from '../../../lib/evaluation/report';
import { writeEvaluationReport } from '../../../lib/evaluation/write-report';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { putJson, putRef, readRef, sha256 } from '../../../lib/storage/refs';
import type { Store } from '../../../lib/storage/store';
import { colorModel, colorPreprocessing } from '../../api/color-model';

const channels = ['red', 'green', 'blue'];

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-evaluation-'));
  store = createFolderStore(folder);
});

afterEach(async () => rm(folder, { recursive: true, force: true }));

const nothing = { uri: 'store://nothing', sha256: sha256('') };

async function putModel(classes: readonly string[], order: readonly number[]): Promise<TrainedModel> {
  const onnx = colorModel(order);
  return {
    classes: [...classes],
    preprocessing: colorPreprocessing,
    layers: nothing,
    weights: nothing,
    onnx: await putRef<'onnx'>(store, `${sha256(onnx)}.onnx`, onnx),
    parity: { maxDifference: 0, pictures: 1 },
  };
}

interface Example {
  readonly color: string;
  readonly label: string;
  readonly split?: SplitName;
}

/** A prepared set of pictures of one colour each, whose label may be wrong on purpose. */
async function putPrepared(
  examples: readonly Example[],
  { classes = ['blue', 'green', 'red'], preprocessing = colorPreprocessing } = {},
): Promise<PreparedRef> {
  const records = examples.map(({ color }) => {
    const channel = channels.indexOf(color);
    return Uint8Array.from({ length: 8 * 8 * 3 }, (_, at) => (at % 3 === channel ? 250 : 10));
  });
  const shard = await putRef<'shard'>(store, 'prepared/p/shard-0.bin', Buffer.concat(records));
  return putJson<'prepared'>(store, 'prepared/p/index.json', {
    dataset: { name: 'colors', manifest: { uri: 'store://datasets/m', sha256: sha256('manifest') } },
    preprocessing,
    classes,
    shards: [{ ref: shard, count: examples.length }],
    pictures: examples.map((_, at) => sha256(String(at))),
    labels: examples.map(({ label }) => classes.indexOf(label)),
    splits: examples.map(({ split }) => split ?? 'test'),
    normalisation: { mean: [0, 0, 0], std: [1, 1, 1] },
    rejected: [],
  });
}

const five: Example[] = [
  { color: 'red', label: 'red' },
  { color: 'red', label: 'red' },
  { color: 'green', label: 'red' },
  { color: 'blue', label: 'blue' },
  { color: 'blue', label: 'green' },
  { color: 'blue', label: 'red', split: 'train' },
];

describe('evaluateModel', () => {
  it("gives the figures on one split alone, by the model's own order of the classes", async () => {
    const model = await putModel(channels, [0, 1, 2]);
    const prepared = await putPrepared(five);
    const done: number[] = [];
    const { ref, evaluation } = await evaluateModel({
      store,
      model,
      prepared,
      split: 'test',
      onProgress: (progress) => done.push(progress.done, progress.total),
    });
    expect(evaluation).toMatchObject({
      model: model.onnx,
      prepared,
      manifest: { sha256: sha256('manifest') },
      split: 'test',
      pictures: 5,
      accuracy: 3 / 5,
      baseline: 3 / 5,
      // Rows and columns: red, green, blue.
      confusion: [
        [2, 1, 0],
        [0, 0, 1],
        [0, 0, 1],
      ],
      perClass: [
        { class: 'red', pictures: 3, precision: 1, recall: expect.closeTo(2 / 3, 12) },
        { class: 'green', pictures: 1, precision: 0, recall: 0 },
        { class: 'blue', pictures: 1, precision: 0.5, recall: 1 },
      ],
    });
    // Two logits differ by 0.02 × 240 from the third: softmax gives e^4.8 / (e^4.8 + 2) to the colour.
    const right = Math.exp(4.8) / (Math.exp(4.8) + 2);
    const wrong = 1 / (Math.exp(4.8) + 2);
    expect(evaluation.loss).toBeCloseTo(-(3 * Math.log(right) + 2 * Math.log(wrong)) / 5, 4);
    expect(done).toEqual([5, 5]);
    expect(ref.uri).toMatch(/^store:\/\/evaluations\/[0-9a-f]{16}\/evaluation\.json$/);
  });

  it('keeps every answer beside the figures, in the order of the prepared set', async () => {
    const model = await putModel(channels, [0, 1, 2]);
    const prepared = await putPrepared(five);
    const { evaluation, ref } = await evaluateModel({ store, model, prepared, split: 'test' });
    if (evaluation.predictions === null) throw new Error('no predictions were kept');
    expect(evaluation.predictions.uri).toContain(ref.uri.replace('evaluation.json', 'predictions-'));
    const answers = await readPredictions(store, evaluation.predictions);
    expect(answers.map(({ picture }) => picture)).toEqual([0, 1, 2, 3, 4].map((at) => sha256(String(at))));
    // By the model's own order: red, green, blue.
    expect(answers.map(({ truth }) => truth)).toEqual([0, 0, 0, 2, 1]);
    expect(answers.map(({ probabilities }) => argmax(probabilities))).toEqual([0, 0, 1, 2, 2]);
    const loss = answers.reduce((sum, one) => sum - Math.log(one.probabilities[one.truth] ?? 0), 0) / 5;
    expect(evaluation.loss).toBeCloseTo(loss, 8);
  });

  it('measures every figure that there is, each finite or null', async () => {
    const model = await putModel(channels, [0, 1, 2]);
    const prepared = await putPrepared([...five, { color: 'red', label: 'blue', split: 'validation' }]);
    const request = { store, model, prepared, split: 'test', robustness: true } as const;
    const { evaluation } = await evaluateModel(request);
    expect(evaluation.robustness).toHaveLength(25);
    expect(evaluation.robustness.every(({ pictures }) => pictures === 5)).toBe(true);
    // Turning or softening one colour gives the same colour.
    const unharmed = evaluation.robustness.filter(({ kind }) => kind === 'rotation' || kind === 'blur');
    expect(unharmed.map(({ accuracy }) => accuracy)).toEqual(new Array<number>(10).fill(0.6));
    expect(evaluation.latencyMs?.median).toBeGreaterThan(0);
    expect(evaluation.bytes).toBe((await readRef(store, model.onnx)).length);
    expect(evaluation.slices.filter(({ by }) => by === 'brightness')).not.toHaveLength(0);
    expect(evaluation.intervals).toHaveProperty('macro_f1');
    // The one validation picture is answered wrong: no temperature makes that likely.
    expect(evaluation.calibration?.temperature).toBeNull();
    // What was asked for further has figures of its own.
    const { ref } = await evaluateModel({ ...request, robustness: false });
    expect(ref.uri).not.toBe((await evaluateModel(request)).ref.uri);
  });

  it('reads an evaluation of before 0.2.0, with null for all that it has not', () => {
    const old = {
      ...{ model: nothing, prepared: nothing, manifest: nothing, split: 'test', pictures: 4, loss: 0.3 },
      ...{ accuracy: 0.75, accuracyInterval: [0.3, 0.95], baseline: 0.5 },
      perClass: [{ class: 'red', pictures: 4, precision: null, recall: 0.75 }],
      confusion: [[3]],
    };
    const evaluation = evaluationSchema.parse(old);
    expect(evaluation).toMatchObject({ ...old, brier: null, slices: [], predictions: null });
    expect(evaluationMetrics.map((name) => metricOf(evaluation, name))).toEqual(
      evaluationMetrics.map((name) => ({ accuracy: 0.75, loss: 0.3 })[name as string] ?? null),
    );
    expect(evaluationMarkdown(evaluation)).toContain('| red | 4 | – | 0.750 | – |');
  });

  it('writes a report once, again where it was lost, with the mistakes as pictures', async () => {
    const model = await putModel(channels, [0, 1, 2]);
    const prepared = await putPrepared(five);
    const result = await evaluateModel({ store, model, prepared, split: 'test' });
    const key = await writeEvaluationReport(store, result, 'colors version 1', 0);
    expect(storeUri(key)).toBe(result.ref.uri.replace('evaluation.json', 'report.html'));
    const page = (await store.read(key)).toString('utf8');
    expect(page.match(/<img/g)).toHaveLength(2);
    await writeEvaluationReport(store, result, 'colors version 1', 86_400_000);
    expect((await store.read(key)).toString()).toBe(page);
    await store.remove(key);
    await writeEvaluationReport(store, result, 'colors version 1', 0);
    expect((await store.read(key)).toString()).toBe(page);
  });

  it('heads the report with whom it was asked about last, where two share their figures', async () => {
    const model = await putModel(channels, [0, 1, 2]);
    const result = await evaluateModel({ store, model, prepared: await putPrepared(five), split: 'test' });
    const headed = async (subject: string) => {
      const page = (await store.read(await writeEvaluationReport(store, result, subject))).toString('utf8');
      return page.includes('<title>Evaluation of colors version 1</title>');
    };
    expect(await headed('run 0123456789ab')).toBe(false);
    expect(await headed('colors version 1')).toBe(true);
    expect(await headed('colors version 12')).toBe(false);
  });

  it('has the same ref when asked again, without computing again', async () => {
    const model = await putModel(channels, [0, 1, 2]);
    const prepared = await putPrepared(five);
    const first = await evaluateModel({ store, model, prepared, split: 'test' });
    let computed = false;
    const onProgress = () => (computed = true);
    const second = await evaluateModel({ store, model, prepared, split: 'test', onProgress });
    expect(second).toEqual(first);
    expect(computed).toBe(false);
    const other = await evaluateModel({ store, model, prepared, split: 'train' });
    expect(other.ref.uri).not.toBe(first.ref.uri);
  });

  it('refuses a set of other classes, naming them', async () => {
    const model = await putModel(['red', 'green', 'violet'], [0, 1, 2]);
    const prepared = await putPrepared(five);
    await expect(evaluateModel({ store, model, prepared, split: 'test' })).rejects.toMatchObject({
      type: 'dataset-invalid',
      message: expect.stringMatching(/only the set has "blue"; only the model has "violet"/),
    });
  });

  it('refuses a set that was prepared otherwise', async () => {
    const model = await putModel(channels, [0, 1, 2]);
    const prepared = await putPrepared(five, { preprocessing: { ...colorPreprocessing, fit: 'cover' } });
    await expect(evaluateModel({ store, model, prepared, split: 'test' })).rejects.toMatchObject({
      type: 'dataset-invalid',
    });
  });

  it('refuses a split without pictures', async () => {
    const model = await putModel(channels, [0, 1, 2]);
    const prepared = await putPrepared(five);
    await expect(evaluateModel({ store, model, prepared, split: 'validation' })).rejects.toThrow(
      /no validation pictures/,
    );
  });

  it('stops when it is told to, and keeps nothing half', async () => {
    const model = await putModel(channels, [0, 1, 2]);
    const prepared = await putPrepared(five);
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(evaluateModel({ store, model, prepared, split: 'test', signal })).rejects.toThrow('stopped');
    for await (const key of store.list('evaluations/')) throw new Error(`${key} was kept`);
  });
});
