import { resolve } from 'node:path';
import { exportPredictions } from '../../../lib/predictions/export';
import type { Console } from '../../display/console';
import { count, counted } from '../../display/dataset';
import { shellWord } from '../../display/format';
import type { Outside } from '../../settings';
import { openPredictions, type PredictionFlags, sinceOf } from './place';

export interface ExportFlags extends PredictionFlags {
  readonly labelled?: boolean;
}

/** Puts kept pictures into a folder from which they can become a dataset. */
export async function exportKept(
  given: string,
  flags: ExportFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const since = sinceOf(flags.since, Date.now());
  const folder = resolve(outside.folder, given);
  const result = await exportPredictions({
    store: openPredictions(flags, outside),
    window: since === undefined ? {} : { since },
    folder,
    labelled: flags.labelled === true,
  });
  if (flags.json === true) {
    out.say(JSON.stringify({ folder, ...result }, null, 2));
    return;
  }
  const { pictures, labelled, withoutPicture } = result;
  out.say(
    `${counted(pictures, 'picture')} in ${folder}: ${count(labelled)} by what somebody said, ` +
      `${count(pictures - labelled)} by what the model said.`,
  );
  if (withoutPicture > 0) out.say(`Of ${counted(withoutPicture, 'prediction')} no picture was kept.`);
  if (pictures > 0) out.say(`Make a dataset of them: npx drover data ingest ${shellWord(given)}`);
}
