import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../contracts/failures';
import { csvLine } from '../data/export/csv';
import { listName, plainName } from '../data/export/names';
import type { Store } from '../storage/store';
import { type PredictionWindow, readPredictions, type ReadPrediction } from './read';
import { pictureName } from './spool';

export interface PredictionsExport {
  readonly store: Store;
  readonly window: PredictionWindow;
  /** An absolute path; new or empty. */
  readonly folder: string;
  /** Only pictures whose true class somebody named. */
  readonly labelled: boolean;
}

export interface ExportedPredictions {
  readonly pictures: number;
  /** Of them, those whose class is what somebody said, and not what the model said. */
  readonly labelled: number;
  /** Predictions that no picture was kept of. */
  readonly withoutPicture: number;
}

const header = ['path', 'label', 'said_by', 'predicted', 'confidence', 'model', 'version', 'at', 'id'];

/**
 * Puts kept pictures into a folder, `<class>/<sha256>.<format>`, with a `manifest.csv`, so that they can become a dataset. A picture's
 * class is what was said of it last; where nobody said anything, it is the model's answer. One that was sent more than once is there once.
 *
 * @throws Failure `start-refused` where the folder holds something; as {@link readPredictions}
 */
export async function exportPredictions(wish: PredictionsExport): Promise<ExportedPredictions> {
  await mkdir(wish.folder, { recursive: true });
  if ((await readdir(wish.folder)).length > 0) {
    throw new Failure('start-refused', `${wish.folder} is not empty. Choose a new or empty folder.`);
  }
  const { chosen, withoutPicture } = await chooseOfEach(wish);
  const rows: string[] = [];
  let labelled = 0;
  for await (const kept of readPredictions(wish.store, wish.window)) {
    const { record } = kept;
    // What was said since it was chosen changes nothing: the list and the folders are to agree.
    const choice = record.picture && chosen.get(record.picture.sha256);
    if (record.picture === undefined || choice?.id !== record.id) continue;
    const bytes = await kept.picture();
    if (bytes === undefined) continue;
    const path = `${plainName(choice.label)}/${pictureName(record.picture)}`;
    await mkdir(join(wish.folder, plainName(choice.label)), { recursive: true });
    await writeFile(join(wish.folder, path), bytes);
    rows.push(csvLine([path, choice.label, choice.saidBy, ...columnsOf(kept)]));
    if (choice.saidBy === 'feedback') labelled += 1;
  }
  await writeFile(join(wish.folder, listName), csvLine(header) + rows.sort().join(''));
  return { pictures: rows.length, labelled, withoutPicture };
}

function columnsOf({ record }: ReadPrediction): string[] {
  const { prediction, probabilities, model, at, id } = record;
  const confidence = probabilities[prediction] ?? 0;
  return [prediction, String(confidence), model.name, String(model.version), at, id];
}

interface Choice {
  readonly id: string;
  readonly label: string;
  readonly saidBy: 'feedback' | 'model';
  readonly at: string;
}

/** Of each picture, the prediction that says its class: the one with the last feedback; else the last. */
async function chooseOfEach({ store, window, labelled }: PredictionsExport): Promise<{
  readonly chosen: ReadonlyMap<string, Choice>;
  readonly withoutPicture: number;
}> {
  const chosen = new Map<string, Choice>();
  let withoutPicture = 0;
  for await (const { record, label, feedback } of readPredictions(store, window)) {
    if (labelled && label === undefined) continue;
    if (record.picture === undefined) {
      withoutPicture += 1;
      continue;
    }
    const { sha256 } = record.picture;
    const next: Choice =
      label === undefined
        ? { id: record.id, label: record.prediction, saidBy: 'model', at: record.at }
        : { id: record.id, label, saidBy: 'feedback', at: feedback.at(-1)?.at ?? '' };
    const before = chosen.get(sha256);
    if (before === undefined || isBetter(next, before)) chosen.set(sha256, next);
  }
  return { chosen, withoutPicture };
}

function isBetter(next: Choice, before: Choice): boolean {
  if (next.saidBy !== before.saidBy) return next.saidBy === 'feedback';
  return next.at >= before.at;
}
