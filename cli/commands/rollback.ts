import type { RollbackInput } from '../../contracts/inputs';
import { championAlias } from '../../contracts/names';
import { findModelVersion } from '../../lib/registry/find-version';
import type { Console } from '../display/console';
import type { Outside } from '../settings';
import { runWorkflow } from '../temporal/run-workflow';
import { whoAsks } from '../who';
import { openModels, wishedModel, type JsonFlags } from './models/place';

export interface RollbackFlags extends JsonFlags {
  readonly to?: string;
  readonly by?: string;
  readonly reason: string;
}

/**
 * Moves the champion back by the workflow `rollback`.
 *
 * @throws Failure `not-found` where there is no champion or no such version; as `runWorkflow`
 */
export async function rollbackModel(
  wished: string | undefined,
  flags: RollbackFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const place = openModels(flags, outside);
  const model = await wishedModel(wished, place);
  const before = (await place.registry.alias(model, championAlias))?.alias.version;
  const version =
    flags.to === undefined
      ? undefined
      : (await findModelVersion(place.registry, { name: model, which: flags.to })).version;
  const input: RollbackInput = {
    model,
    ...(version !== undefined && { version }),
    by: flags.by ?? whoAsks(outside.environment),
    reason: flags.reason,
  };
  const summary = `${model}${version === undefined ? '' : ` to version ${version}`}`;
  const { outcome } = await runWorkflow(
    { type: 'rollback', input, summary, quiet: flags.json },
    place.settings,
    out,
  );
  if (outcome === undefined) return;
  if (flags.json === true) {
    out.say(JSON.stringify(outcome.result, null, 2));
    return;
  }
  const now = (await place.registry.alias(model, championAlias))?.alias.version;
  const from = before === undefined || before === now ? '' : `, and not version ${before} any more`;
  out.say(`The champion of ${model} is ${out.colours.green(`version ${String(now)}`)}${from}.`);
}
