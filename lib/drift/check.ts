import {
  driftGroupNames,
  driftGroups,
  type DriftCheck,
  type DriftCheckId,
} from '../../contracts/schemas/drift';
import type { DriftGroup, DriftSettings } from '../../contracts/schemas/drift';
import type { Random } from '../random';
import type { Observations } from './observations';

/** What a check found, before it is known what the others found. */
export interface Found {
  readonly statistic: number;
  readonly interval?: DriftCheck['interval'];
  readonly p: number;
  readonly effect?: DriftCheck['effect'];
  readonly counts: DriftCheck['counts'];
  /** In a sentence. */
  readonly why: string;
}

/** What every check is given. */
export interface Comparing {
  readonly reference: Observations;
  readonly window: Observations;
  readonly settings: DriftSettings;
  readonly permutations: number;
  /** Each check draws from a fork of its own. */
  readonly random: Random;
  readonly signal: AbortSignal | undefined;
  /** Of the classes, in the model's order; empty where they are known by their numbers alone. */
  readonly classNames: readonly string[];
}

/** What a check is called, and what its figure is. */
export const checkNames: Readonly<Record<DriftCheckId, { readonly name: string; readonly measure: string }>> =
  {
    mmd: { name: 'Embeddings (MMD)', measure: 'MMD²' },
    'domain-classifier': { name: 'Embeddings (domain classifier)', measure: 'AUC' },
    brightness: { name: 'Brightness', measure: 'KS distance' },
    contrast: { name: 'Contrast', measure: 'KS distance' },
    sharpness: { name: 'Sharpness', measure: 'KS distance' },
    size: { name: 'Size', measure: 'KS distance' },
    saturation: { name: 'Saturation', measure: 'KS distance' },
    warmth: { name: 'Warmth', measure: 'KS distance' },
    classes: { name: 'Predicted classes', measure: 'χ²' },
    'class-probabilities': { name: 'Probabilities of the classes', measure: 'largest KS distance' },
    confidence: { name: 'Confidence', measure: 'KS distance' },
    'foreign-share': { name: 'Foreign pictures', measure: 'share' },
    accuracy: { name: 'Accuracy', measure: 'change' },
    calibration: { name: 'Calibration error', measure: 'change' },
  };

export function groupOf(id: DriftCheckId): DriftGroup {
  const group = driftGroupNames.find((name) => idsOf(name).includes(id));
  if (group === undefined) throw new Error(`${id} belongs to no group`);
  return group;
}

export function idsOf(group: DriftGroup): readonly DriftCheckId[] {
  return driftGroups[group];
}

/** A share in per cent. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Three digits that mean something. */
export function rounded(value: number): string {
  return String(Number(value.toPrecision(3)));
}
