import { isDeepStrictEqual } from 'node:util';
import type { Evaluation } from '../../contracts/schemas/evaluation';
import type { RunResult } from '../../contracts/schemas/documents';
import type { ModelForm, ModelVersion } from '../../contracts/schemas/registry';

/** All that is compared of one version. What is gone from the store is missing. */
export interface VersionFacts {
  readonly version: ModelVersion;
  readonly forms: readonly ModelForm[];
  readonly result?: RunResult | undefined;
  readonly evaluation?: Evaluation | undefined;
}

/** One thing that two versions do not have alike; undefined where one has it not at all. */
export interface Difference<Value = unknown> {
  readonly name: string;
  readonly before: Value | undefined;
  readonly after: Value | undefined;
}

/** What differs between two versions, and nothing else. */
export interface VersionComparison {
  readonly configuration: readonly Difference[];
  /** Of the pictures and how they become numbers. */
  readonly data: readonly Difference[];
  readonly metrics: readonly Difference<number>[];
  readonly recall: readonly Difference<number>[];
  /** Bytes of each form, and the number of weights. */
  readonly size: readonly Difference<number>[];
  /** Whether the figures are of the same pictures; else they say little about which is better. */
  readonly samePictures: boolean;
}

/**
 * Compares two versions by what is recorded of them. Figures are compared as they are recorded, with no word on
 * whether a difference means anything: that is a gate's to say.
 */
export function compareVersions(before: VersionFacts, after: VersionFacts): VersionComparison {
  const pair = <Value>(of: (facts: VersionFacts) => ReadonlyMap<string, Value>) =>
    differences(of(before), of(after));
  const figuresOf = (facts: VersionFacts) => facts.evaluation?.manifest ?? facts.version.lineage.manifest;
  return {
    configuration: pair(({ result }) => leaves(result?.config)),
    data: pair(dataOf),
    metrics: pair(metricsOf),
    recall: pair(({ evaluation }) => recallOf(evaluation)),
    size: pair(sizeOf),
    samePictures: figuresOf(before).sha256 === figuresOf(after).sha256,
  };
}

function differences<Value>(
  before: ReadonlyMap<string, Value>,
  after: ReadonlyMap<string, Value>,
): Difference<Value>[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((name) => ({ name, before: before.get(name), after: after.get(name) }))
    .filter((pair) => !isDeepStrictEqual(pair.before, pair.after));
}

/** Every value of a document by its dotted name; a list is one value. */
function leaves(value: unknown, path = ''): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return new Map<string, unknown>(path === '' ? [] : [[path, value]]);
  }
  return new Map(
    Object.entries(value).flatMap(([key, below]) => [...leaves(below, path === '' ? key : `${path}.${key}`)]),
  );
}

function dataOf({ version }: VersionFacts): Map<string, unknown> {
  const { lineage, model } = version;
  return new Map<string, unknown>([
    ['dataset version', lineage.manifest.sha256],
    ['prepared set', lineage.prepared.sha256],
    ['classes', model.classes.join(', ')],
    ...leaves(model.preprocessing),
  ]);
}

function metricsOf({ version, evaluation }: VersionFacts): Map<string, number> {
  const { accuracy, loss, pictures } = version.metrics;
  const figures: [string, number | null | undefined][] = [
    ...Object.entries({ accuracy, loss, pictures }),
    // The first alone is the accuracy.
    ...Object.entries(evaluation?.topK ?? {})
      .filter(([k]) => k !== '1')
      .map(([k, share]): [string, number] => [`top ${k}`, share]),
    ['macro precision', evaluation?.macro.precision],
    ['macro recall', evaluation?.macro.recall],
    ['macro F1', evaluation?.macro.f1],
    ['ROC AUC', evaluation?.rocAuc],
    ['Brier', evaluation?.brier],
    ['ECE', evaluation?.calibration?.ece],
    ['latency, ms', evaluation?.latencyMs?.median],
  ];
  return new Map(figures.flatMap(([name, value]) => (typeof value === 'number' ? [[name, value]] : [])));
}

function recallOf(evaluation: Evaluation | undefined): Map<string, number> {
  return new Map(
    (evaluation?.perClass ?? []).flatMap(({ class: label, recall }) =>
      recall === null ? [] : [[label, recall]],
    ),
  );
}

function sizeOf({ forms, result }: VersionFacts): Map<string, number> {
  return new Map([
    ...forms.map(({ name, bytes }): [string, number] => [`${name}, bytes`, bytes]),
    ...(result === undefined ? [] : [['weights', result.parameters] as [string, number]]),
  ]);
}
