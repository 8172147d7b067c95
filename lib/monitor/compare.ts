import type { ActivityProgress } from '../../contracts/progress';
import { Failure } from '../../contracts/failures';
import type { DriftFindings } from '../../contracts/schemas/drift';
import type { Look, LookWindow, MonitorConfig } from '../../contracts/schemas/monitor';
import type { ModelVersion } from '../../contracts/schemas/registry';
import type { ReadPrediction } from '../predictions/read';
import type { Store } from '../storage/store';
import type { Histogram } from './histogram';
import type { ForeignPicture } from './page/foreign-pictures';

export interface Comparison {
  readonly observed: Pick<LookWindow, 'compared' | 'unreadable' | 'labelled'>;
  readonly findings: DriftFindings;
  readonly reference: Look['reference'];
  readonly distributions: readonly (Histogram & { readonly drifted: boolean })[];
  readonly foreign: readonly ForeignPicture[];
}

export async function compareWithReference(
  _store: Store,
  _version: ModelVersion,
  _window: readonly ReadPrediction[],
  _settings: Pick<MonitorConfig, 'reference' | 'pictures' | 'drift'>,
  _telling: { readonly onProgress?: (progress: ActivityProgress) => void; readonly signal?: AbortSignal },
): Promise<Comparison> {
  return Promise.reject(new Failure('start-refused', 'not yet'));
}
