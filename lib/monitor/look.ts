import type { ActivityProgress } from '../../contracts/progress';
import { storeUri } from '../../contracts/refs';
import type { Look, MonitorConfig } from '../../contracts/schemas/monitor';
import type { ModelVersion } from '../../contracts/schemas/registry';
import type { Store } from '../storage/store';
import { compareWithReference } from './compare';
import { gatherWindow } from './gather';
import { reportKey } from './keys';
import { driftPage } from './page/page';
import { pruneLooks, writeLook } from './records';

/** What one look compares, and where it stands. */
export interface LookWish extends Pick<MonitorConfig, 'most' | 'reference' | 'pictures' | 'keep' | 'drift'> {
  readonly id: string;
  readonly workflow: string;
  /** When it began, ISO 8601. */
  readonly at: string;
  readonly model: string;
  readonly version: number;
  readonly dryRun: boolean;
  readonly policy: Look['policy'];
  /** ISO 8601: from the first on, before the second. */
  readonly since: string;
  readonly until: string;
}

interface Telling {
  readonly onProgress?: (progress: ActivityProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Compares a window of stored predictions with the reference of the version that answered them, and writes what it found, with a
 * report. The same look done again, after a worker was killed, writes the same.
 *
 * @throws as `readPredictions` and `compareWithReference`; the signal's reason
 */
export async function lookForDrift(
  store: Store,
  version: ModelVersion,
  wish: LookWish,
  telling: Telling = {},
): Promise<Look> {
  const { id, model, at, workflow, dryRun, policy, since, until, most, keep } = wish;
  const gathered = await gatherWindow(store, {
    ...{ model, version: wish.version, most, seed: id, signal: telling.signal },
    since: Date.parse(since),
    until: Date.parse(until),
  });
  const { observed, findings, reference, ...shown } = await compareWithReference(
    store,
    version,
    gathered.chosen,
    wish,
    telling,
  );
  const key = reportKey(model, id);
  const look: Look = {
    ...{ id, model, version: wish.version, digest: version.model.onnx.sha256 },
    ...{ at, workflow, dryRun, policy },
    window: { since, until, ...gathered.counts, ...observed },
    reference,
    verdict: findings.verdict,
    reason: findings.reason,
    findings,
    report: storeUri(key),
  };
  const page = driftPage({ look, ...shown, written: Date.now() });
  await store.write(key, Buffer.from(page));
  // Last, so that whoever sees a look finds its report.
  await writeLook(store, look);
  await pruneLooks(store, model, keep);
  return look;
}
