import type { Evaluation } from '../../../contracts/schemas/evaluation';

/** An evaluation of cat and dog on 640 pictures, with the changes that a test is about. */
export function exampleEvaluation(changes: Partial<Evaluation> = {}): Evaluation {
  return {
    model: { uri: 'store://models/a/model.onnx', sha256: 'a'.repeat(64) },
    prepared: { uri: 'store://prepared/p/index.json', sha256: 'b'.repeat(64) },
    manifest: { uri: 'store://datasets/d/manifest.jsonl', sha256: 'c'.repeat(64) },
    split: 'test',
    pictures: 640,
    loss: 0.61,
    accuracy: 0.742,
    accuracyInterval: [0.707, 0.774],
    baseline: 0.5,
    perClass: [
      { class: 'cat', pictures: 320, precision: 0.75, recall: 0.7, f1: 0.724, rocAuc: 0.81 },
      { class: 'dog', pictures: 320, precision: null, recall: 0.78, f1: null, rocAuc: null },
    ],
    brier: 0.38,
    topK: { '1': 0.742 },
    macro: { precision: 0.375, recall: 0.74, f1: 0.362 },
    weighted: { precision: 0.375, recall: 0.74, f1: 0.362 },
    rocAuc: 0.81,
    confusion: [
      [224, 96],
      [70, 250],
    ],
    calibration: null,
    intervals: {},
    slices: [],
    robustness: [],
    latencyMs: { median: 1.2, p95: 1.9 },
    bytes: 410_000,
    predictions: null,
    ...changes,
  };
}
