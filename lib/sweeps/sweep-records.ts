import { z } from 'zod';
import {
  sweepHeadSchema,
  trialRecordSchema,
  type SweepHead,
  type SweepRecord,
  type TrialRecord,
} from '../../contracts/schemas/sweep-record';
import { trialsInPiece } from '../../contracts/trial-pieces';
import { parseDocument, putJson } from '../storage/refs';
import type { Store } from '../storage/store';

/** Of a workflow's id, which may be anything, a name that a store takes as one segment of a key. */
export function folderOf(sweep: string): string {
  return `sweeps/${encodeURIComponent(sweep).replaceAll('.', '%2E')}`;
}

function pieceKey(sweep: string, piece: number): string {
  return `${folderOf(sweep)}/trials-${String(piece).padStart(4, '0')}.json`;
}

/** Writes one piece of a sweep's trials, in place of what was there: those from `piece` · {@link trialsInPiece} on. */
export async function writeTrials(
  store: Store,
  sweep: string,
  piece: number,
  trials: readonly TrialRecord[],
): Promise<void> {
  await putJson(store, pieceKey(sweep, piece), trials);
}

/** One piece of a sweep's trials. @throws Failure `not-found` */
export async function readTrials(store: Store, sweep: string, piece: number): Promise<TrialRecord[]> {
  const key = pieceKey(sweep, piece);
  return parseDocument(await store.read(key), z.array(trialRecordSchema), key);
}

/** Writes what a sweep is, once its trials are written. */
export async function writeSweepHead(store: Store, head: SweepHead): Promise<void> {
  await putJson(store, `${folderOf(head.sweep)}/sweep.json`, head);
}

/**
 * What a sweep came to: while it runs, as far as it was when its record was last written.
 *
 * @returns undefined where there is no record of such a sweep.
 */
export async function readSweepRecord(store: Store, sweep: string): Promise<SweepRecord | undefined> {
  const headKey = `${folderOf(sweep)}/sweep.json`;
  const found = await store.readVersioned(headKey);
  if (!found) return undefined;
  const { trials: count, ...head } = parseDocument(found.bytes, sweepHeadSchema, headKey);
  const trials: TrialRecord[] = [];
  for (let piece = 0; piece * trialsInPiece < count; piece += 1) {
    trials.push(...(await readTrials(store, sweep, piece)));
  }
  return { ...head, trials: trials.slice(0, count) };
}

/** The ids of the sweeps that have a record, in no promised order. */
export async function* recordedSweeps(store: Store): AsyncIterable<string> {
  for await (const key of store.list('sweeps/')) {
    const [, folder, file] = key.split('/');
    if (file === 'sweep.json' && folder !== undefined) yield decodeURIComponent(folder);
  }
}
