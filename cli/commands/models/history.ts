import { requireModel } from '../../../lib/registry/find-version';
import { timelineOf, type RegistryEvent } from '../../../lib/registry/timeline';
import type { Console } from '../../display/console';
import { minute, plainText } from '../../display/dataset';
import type { Outside } from '../../settings';
import { table } from '../../display/table';
import { openModels, wishedModel, type JsonFlags } from './place';

/** All that happened to a model: what was registered, and who moved which alias, when, why, on which evaluation. */
export async function modelHistory(
  name: string | undefined,
  flags: JsonFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const place = openModels(flags, outside);
  const model = await wishedModel(name, place);
  const versions = await requireModel(place.registry, model);
  const events = timelineOf(versions, await place.registry.aliases(model));
  if (flags.json === true) {
    out.say(JSON.stringify({ model, events }, null, 2));
    return;
  }
  const { bold, dim, green } = out.colours;
  const [header, ...rows] = table(
    ['when', 'what', 'by', 'why'],
    events.map((event) => [
      minute(event.at),
      eventText(event),
      plainText(event.by ?? ''),
      plainText(event.reason ?? '') +
        (event.evaluation === undefined ? '' : ` (evaluation ${event.evaluation.sha256.slice(0, 12)})`),
    ]),
  );
  out.say(bold(model));
  out.say(dim(header ?? ''));
  rows.forEach((row, at) => out.say(events[at]?.alias === 'champion' ? green(row) : row));
}

function eventText({ kind, version, alias = '', before }: RegistryEvent): string {
  switch (kind) {
    case 'registered':
      return `version ${version} registered`;
    case 'alias-set':
      return `${alias} → ${version}`;
    case 'alias-moved':
      return `${alias} ${before ?? ''} → ${version}`;
    case 'alias-removed':
      return `${alias} taken from ${version}`;
  }
}
