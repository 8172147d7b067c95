import { createInterface } from 'node:readline/promises';
import { z } from 'zod';
import { Failure } from '../../../contracts/failures';
import { readAdditions } from '../../../lib/data/additions';
import { findKept, type KeptOne, removeKept } from '../../../lib/predictions/remove';
import type { Console } from '../../display/console';
import { counted, minute, plainText } from '../../display/dataset';
import type { Outside } from '../../settings';
import { openPredictions, type PredictionFlags } from './place';

export interface RemoveFlags extends PredictionFlags {
  readonly yes?: boolean;
}

/**
 * Removes one kept prediction with its picture and its feedback, after saying what that is and being told to.
 *
 * @param confirmed - asks; for where there is somebody to ask
 */
export async function removePrediction(
  given: string,
  flags: RemoveFlags,
  outside: Outside,
  out: Console,
  confirmed: () => Promise<boolean> = ask,
): Promise<void> {
  const id = given.toLowerCase();
  if (!z.uuid().safeParse(id).success) {
    throw new Failure(
      'start-refused',
      'Name a prediction by its whole id, a UUID: npx drover predictions list',
    );
  }
  const store = openPredictions(flags, outside);
  const kept = await findKept(store, id);
  const { record, others } = kept;
  const picture = record.picture?.sha256;
  const learnt = (await readAdditions(store, record.model.name)).some(({ sha256 }) => sha256 === picture);
  const asJson = flags.json === true;
  if (!asJson) sayKept(kept, learnt, out);
  if (flags.yes !== true && !(asJson ? false : await confirmed())) {
    if (asJson) out.say(JSON.stringify({ removed: false, ...plain(kept), inDataset: learnt }, null, 2));
    else out.say('Nothing was removed.');
    return;
  }
  await removeKept(store, kept);
  if (asJson) {
    out.say(JSON.stringify({ removed: true, ...plain(kept), inDataset: learnt }, null, 2));
    return;
  }
  const withPicture = picture === undefined || others.length > 0 ? '' : ', its picture';
  out.say(`Removed the prediction${withPicture} and ${counted(kept.feedback.length, 'label')}.`);
}

function plain({ record, feedback, others }: KeptOne) {
  return { ...record, feedback, others };
}

function sayKept({ record, feedback, others }: KeptOne, learnt: boolean, out: Console): void {
  const { model, at, prediction, picture, by } = record;
  out.say(
    `prediction  ${record.id}, ${minute(at)} UTC${by === undefined ? '' : `, of the key ${plainText(by)}`}`,
  );
  out.say(`answer      ${plainText(prediction)}, by ${model.name}@${model.version}`);
  out.say(
    `picture     ${picture === undefined ? 'none was kept' : `${picture.sha256.slice(0, 10)}, ${counted(picture.bytes, 'byte')}`}`,
  );
  for (const said of feedback) {
    out.say(
      `feedback    ${plainText(said.label)}${said.by === undefined ? '' : `, by ${plainText(said.by)}`}, ${minute(said.at)} UTC`,
    );
  }
  if (others.length > 0) {
    out.say(
      `The same picture was sent ${counted(others.length, 'other time')}, and stays with: ${others.slice(0, 5).join(', ')}${others.length > 5 ? ', …' : ''}`,
    );
  }
  if (learnt) {
    out.say(
      `By its review the picture is part of the dataset ${model.name}, and stays there. To take it out: ` +
        `npx drover feedback undo ${picture?.sha256.slice(0, 10) ?? ''}, then npx drover feedback apply, both before this.`,
    );
  }
}

async function ask(): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new Failure(
      'start-refused',
      'There is nobody to ask here. With --yes it is removed without a question.',
    );
  }
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await lines.question('Remove this for good? [y/N] ')).trim());
  } finally {
    lines.close();
  }
}
