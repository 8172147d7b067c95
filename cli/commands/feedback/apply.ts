import { shortVersion } from '../../../lib/data/versions';
import { type AppliedFeedback, applyFeedback } from '../../../lib/feedback/apply';
import { shortItem } from '../../../lib/feedback/review';
import type { Console } from '../../display/console';
import { counted, plainText } from '../../display/dataset';
import type { Outside } from '../../settings';
import { type FeedbackFlags, openFeedback } from './place';

export interface ApplyFlags extends FeedbackFlags {
  readonly dryRun?: boolean;
}

const mostShown = 20;

/** Makes a version of the dataset that has what was accepted and corrected. */
export async function applyReviewed(flags: ApplyFlags, outside: Outside, out: Console): Promise<void> {
  const { store, model } = await openFeedback(flags, outside);
  const dryRun = flags.dryRun === true;
  const done = await applyFeedback(store, { name: model, dryRun });
  if (flags.json === true) out.say(JSON.stringify({ dryRun, ...done }, null, 2));
  else sayApplied(done, dryRun, out);
}

function sayApplied(done: AppliedFeedback, dryRun: boolean, out: Console): void {
  const { dataset, before, version, pictures, added, relabelled, withdrawn, refused, already, waiting } =
    done;
  const { bold, dim, green, yellow } = out.colours;
  const lines = (sign: string, rows: AppliedFeedback['added']): void => {
    for (const { sha256, label, origin } of rows.slice(0, mostShown)) {
      out.say(
        `${sign} ${shortItem(sha256)}  ${plainText(label)}  ${dim(`answered ${plainText(origin.predicted)} by ${origin.model.name}@${origin.model.version}, reviewed by ${plainText(origin.reviewer)}`)}`,
      );
    }
    if (rows.length > mostShown) out.say(dim(`  … and ${counted(rows.length - mostShown, 'other')}`));
  };
  lines(green('+'), added);
  lines('~', relabelled);
  lines('−', withdrawn);
  for (const { item, label, reason } of refused) {
    out.say(yellow(`! ${shortItem(item)}  ${plainText(label)}  not taken: ${plainText(reason)}`));
  }
  const stay =
    already > 0
      ? ` ${counted(already, 'picture')} of earlier applications ${already === 1 ? 'stays' : 'stay'}.`
      : '';
  if (version === before) {
    out.say(`${dataset} stays as it is: there is nothing new that was accepted or corrected.${stay}`);
  } else {
    const verb = dryRun ? 'would be' : 'is';
    out.say(
      `${bold(`${dataset}@${shortVersion(version)}`)} ${verb} the newest version: ${counted(pictures, 'picture')}, ` +
        `${added.length} added, ${relabelled.length} relabelled, ${withdrawn.length} taken out.${stay}`,
    );
    if (dryRun) out.say('Nothing was done. Without --dry-run it is.');
    else out.say(dim(`Train on it: npx drover run pipeline. Look at it: npx drover data show ${dataset}`));
  }
  if (waiting > 0)
    out.say(dim(`${counted(waiting, 'picture')} ${waiting === 1 ? 'waits' : 'wait'} for a review.`));
}
