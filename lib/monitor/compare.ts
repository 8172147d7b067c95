import type { ActivityProgress } from '../../contracts/progress';
import { Failure } from '../../contracts/failures';
import { pictureStatistics, type DriftFindings } from '../../contracts/schemas/drift';
import type { Look, LookWindow, MonitorConfig } from '../../contracts/schemas/monitor';
import type { ModelVersion } from '../../contracts/schemas/registry';
import { compareWindow } from '../drift/compare';
import type { Observations } from '../drift/observations';
import { observePictures, type PreparedPicture } from '../drift/observe';
import { answersOf, confidencesOf } from '../drift/value-checks';
import { decodePicture } from '../images/decode';
import { pictureSize } from '../images/picture-size';
import { thumbnail } from '../images/thumbnail';
import { readRef } from '../storage/refs';
import type { Store } from '../storage/store';
import type { SentPicture } from './gather';
import { histogramOf, type Histogram } from './histogram';
import type { ClassShare } from './page/class-shares';
import type { ForeignPicture } from './page/foreign-pictures';
import { referenceOf } from './reference';

export interface Comparison {
  readonly observed: Pick<LookWindow, 'compared' | 'unreadable' | 'labelled'>;
  readonly findings: DriftFindings;
  readonly reference: NonNullable<Look['reference']>;
  readonly distributions: readonly (Histogram & { readonly drifted: boolean })[];
  readonly shares: readonly ClassShare[];
  readonly foreign: readonly ForeignPicture[];
}

interface Telling {
  readonly onProgress?: (progress: ActivityProgress) => void;
  readonly signal?: AbortSignal;
}

/** Pixels of a thumbnail's longer side. */
const side = 128;

/**
 * Compares pictures that were sent to a version with its reference, which is made where there is none yet.
 *
 * @throws as `referenceOf` and `compareWindow`; Failure `storage-unavailable`; the signal's reason
 */
export async function compareWithReference(
  store: Store,
  version: ModelVersion,
  sent: readonly SentPicture[],
  settings: Pick<MonitorConfig, 'reference' | 'pictures' | 'drift'>,
  { onProgress, signal }: Telling,
): Promise<Comparison> {
  const { model } = version;
  let done = 0;
  const total = sent.length + settings.reference;
  const onPictures = (count: number): void => {
    done += count;
    onProgress?.({ done: Math.min(done, total), total, unit: 'pictures' });
  };
  const reference = await referenceOf(store, version, { most: settings.reference, onPictures, signal });
  done = settings.reference;

  const onnx = await readRef(store, model.onnx);
  const places: number[] = [];
  const window = await observePictures(onnx, readable(sent, model, places), { onPictures, signal });
  const { findings, beyond } = await compareWindow(reference.observations, window, settings.drift, {
    classNames: model.classes,
    onCheck: (check, of) =>
      onProgress?.({ done: total, total, unit: 'pictures', note: `${check} of ${of} checks` }),
    ...(signal && { signal }),
  });
  const drifted = new Set(findings.checks.filter((check) => check.verdict === 'drift').map(({ id }) => id));
  return {
    observed: {
      compared: window.count,
      unreadable: sent.length - window.count,
      labelled: window.labels.reduce((sum, label) => sum + Number(label >= 0), 0),
    },
    findings,
    reference: { key: reference.key, pictures: reference.observations.count },
    distributions: distributionsOf(reference.observations, window, drifted),
    shares: sharesOf(reference.observations, window, model.classes),
    foreign: beyond === undefined ? [] : await mostForeign(sent, places, beyond, settings.pictures),
  };
}

/** Decoded one after the other, so that none but the one in hand is held. @param places - is told which of them could be read. */
async function* readable(
  sent: readonly SentPicture[],
  { preprocessing, classes }: ModelVersion['model'],
  places: number[],
): AsyncIterable<PreparedPicture> {
  for (const [place, { picture, label }] of sent.entries()) {
    const read = await ifReadable(async () => {
      const bytes = await picture();
      if (bytes === undefined) return undefined;
      const { width, height } = await pictureSize(bytes);
      return { pixels: await decodePicture(bytes, preprocessing), size: width * height };
    });
    if (read === undefined) continue;
    places.push(place);
    const known = label === undefined ? -1 : classes.indexOf(label);
    yield { ...read, ...(known >= 0 && { label: known }) };
  }
}

/** What is gone or damaged is counted, and keeps nobody from comparing the others. */
async function ifReadable<T>(read: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Failure && !error.retryable) return undefined;
    throw error;
  }
}

/** For the eye: what the checks of values look at. */
function distributionsOf(
  reference: Observations,
  window: Observations,
  drifted: ReadonlySet<string>,
): Comparison['distributions'] {
  const named = [
    ...pictureStatistics.map((id) => ({
      ...{ id, name: statisticNames[id] },
      scale: id === 'sharpness' || id === 'size' ? ('log' as const) : ('even' as const),
      values: ({ statistics }: Observations) => [...statistics[id]].filter((value) => !Number.isNaN(value)),
    })),
    {
      id: 'confidence',
      name: 'Confidence of the answer',
      scale: 'even' as const,
      values: (observed: Observations) => [...confidencesOf(observed)],
    },
  ];
  return named.flatMap(({ id, name, scale, values }) => {
    const histogram = histogramOf(name, values(reference), values(window), scale);
    return histogram === undefined ? [] : [{ ...histogram, drifted: drifted.has(id) }];
  });
}

/** How often each class was the answer; nothing where one of both has no picture. */
function sharesOf(
  reference: Observations,
  window: Observations,
  classes: readonly string[],
): Comparison['shares'] {
  if (reference.count === 0 || window.count === 0) return [];
  const answered = (observed: Observations) => answersOf(observed).map((of) => of / observed.count);
  const [before, now] = [answered(reference), answered(window)];
  return classes.map((name, at) => ({ class: name, reference: before[at] ?? 0, window: now[at] ?? 0 }));
}

const statisticNames: Readonly<Record<(typeof pictureStatistics)[number], string>> = {
  brightness: 'Brightness',
  contrast: 'Contrast',
  sharpness: 'Sharpness',
  size: 'Size, in pixels',
  saturation: 'Saturation',
  warmth: 'Warmth: red less blue',
};

/** The most foreign first; of those that are as foreign, the least sure answer. */
async function mostForeign(
  sent: readonly SentPicture[],
  places: readonly number[],
  beyond: Float64Array,
  most: number,
): Promise<ForeignPicture[]> {
  const ranked = places
    .flatMap((place, at) => {
      const one = sent[place];
      if (one === undefined) return [];
      const confidence = one.record.probabilities[one.record.prediction] ?? 0;
      return [{ one, place, confidence, beyond: beyond[at] ?? 0 }];
    })
    .sort((a, b) => b.beyond - a.beyond || a.confidence - b.confidence)
    .slice(0, most);
  const images = new Map<number, string>();
  // In the order in which they lie, so that each archive is opened once.
  for (const { one, place } of ranked.toSorted((a, b) => a.place - b.place)) {
    const bytes = await ifReadable(one.picture);
    const small = bytes && (await ifReadable(() => thumbnail(bytes, side)));
    if (small) images.set(place, `data:image/jpeg;base64,${small.toString('base64')}`);
  }
  return ranked.flatMap(({ one, place, confidence, beyond: share }): ForeignPicture[] => {
    const image = images.get(place);
    if (image === undefined) return [];
    const { id, at, prediction } = one.record;
    return [{ id, at, answer: prediction, confidence, label: one.label, beyond: share, image }];
  });
}
