import { Failure } from '../../../contracts/failures';
import { didYouMean } from '../../../contracts/schemas/nearest';
import { findModelVersion, requireModel } from '../../../lib/registry/find-version';
import { requireByHand } from '../../../lib/registry/keys';
import type { Console } from '../../display/console';
import type { Outside } from '../../settings';
import { whoAsks } from '../../who';
import { openModels, type JsonFlags, type ModelPlace } from './place';

export interface AliasFlags extends JsonFlags {
  readonly by?: string;
  readonly reason: string;
  readonly remove?: boolean;
}

/** Sets a name for a version, or takes it away; who and why go into the alias's history. */
export async function aliasModel(
  [model, alias, wished]: readonly [string, string, string | undefined],
  flags: AliasFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  requireByHand(alias);
  const place = openModels(flags, outside);
  await requireModel(place.registry, model);
  const by = said('--by', flags.by ?? whoAsks(outside.environment));
  const reason = said('--reason', flags.reason);
  if (flags.remove === true) {
    await takeAway(model, alias, { by, reason }, place);
  } else {
    if (wished === undefined)
      throw new Failure('request-invalid', 'Name the version, such as 3; or --remove the alias.');
    const { version } = await findModelVersion(place.registry, { name: model, which: wished });
    const expected = (await place.registry.alias(model, alias))?.generation;
    await place.registry.moveAlias(model, alias, { version, expected, by, reason });
  }
  const now = (await place.registry.alias(model, alias))?.alias;
  if (flags.json === true) {
    out.say(JSON.stringify({ model, alias, version: now?.version ?? null, by, reason }, null, 2));
  } else if (now === undefined) {
    out.say(`${model} has no alias ${alias} any more; its history stays.`);
  } else {
    out.say(`${out.colours.bold(`${model}@${alias}`)} is version ${now.version}`);
  }
}

async function takeAway(
  model: string,
  alias: string,
  said: { readonly by: string; readonly reason: string },
  { registry }: ModelPlace,
): Promise<void> {
  const standing = (await registry.aliases(model)).filter((each) => each.alias.removed !== true);
  const names = standing.map((each) => each.alias.alias);
  if (!names.includes(alias)) {
    const known = names.length === 0 ? '; it has none' : didYouMean(alias, names);
    throw new Failure('not-found', `The model ${model} has no alias ${JSON.stringify(alias)}${known}`);
  }
  await registry.removeAlias(model, alias, said);
}

function said(flag: string, text: string): string {
  const plain = text.trim();
  if (plain !== '' && plain.length <= 2000) return plain;
  throw new Failure(
    'request-invalid',
    `${flag} takes a text of 1 to 2000 characters: it goes into the history.`,
  );
}
