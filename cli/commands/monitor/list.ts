import { Failure } from '../../../contracts/failures';
import type { FollowUp, Look } from '../../../contracts/schemas/monitor';
import { lookIds, readFollowUp, readLook } from '../../../lib/monitor/records';
import type { Console } from '../../display/console';
import { verdictWord } from '../../display/monitor';
import { counted } from '../../display/dataset';
import { table } from '../../display/table';
import type { Outside } from '../../settings';
import { type MonitorFlags, openMonitored } from './place';

export interface ListFlags extends MonitorFlags {
  readonly limit: string;
}

/** A model's looks, the newest first. */
export async function listLooks(flags: ListFlags, outside: Outside, out: Console): Promise<void> {
  const limit = limitOf(flags.limit);
  const { store, model } = await openMonitored(flags, outside);
  const ids = await lookIds(store, model);
  const looks: { look: Look; followUp: FollowUp | undefined }[] = [];
  for (const id of ids.slice(0, limit)) {
    looks.push({
      look: await readLook(store, model, id),
      followUp: await readFollowUp(store, model, id),
    });
  }
  if (flags.json === true) {
    out.say(
      JSON.stringify(
        looks.map(({ look, followUp }) => ({ ...look, followUp: followUp ?? null })),
        null,
        2,
      ),
    );
    return;
  }
  if (looks.length === 0) {
    out.say(`Nobody has looked at ${model} yet. Look now: npx drover monitor run`);
    return;
  }
  const [header = '', ...rows] = table(
    ['look', 'version', 'compared', 'verdict', 'what followed'],
    looks.map(({ look, followUp }) => [
      look.id,
      String(look.version),
      String(look.window.compared),
      verdictWord(look, out.colours) + (look.dryRun ? ' (dry run)' : ''),
      followUp?.state ?? '',
    ]),
    new Set([1, 2]),
  );
  out.say(out.colours.dim(header));
  for (const row of rows) out.say(row);
  const more = ids.length - looks.length;
  if (more > 0) out.say(out.colours.dim(`… and ${counted(more, 'older one')}; --limit shows more`));
}

function limitOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Failure('start-refused', '--limit takes how many looks to show: 1 or more.');
}
