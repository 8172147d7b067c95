import { resolve } from 'node:path';
import { storeUri } from '../../contracts/refs';
import { profileLines } from '../display/profile';
import { countOf, rehearseHere, timeKey, type RehearsalCall, type RehearsalFlags } from '../rehearse';
import { placeOf } from './data/place';

export interface ProfileFlags extends RehearsalFlags {
  readonly trace?: string;
}

const usualSteps = 20;
/** With more, a trace can't be looked at any more. */
const mostSteps = 1000;
/** Steps before the first that counts. */
const warmup = 5;

/**
 * Says where the time of a training's steps goes, by part, layer and operation, and writes a trace for a browser.
 *
 * @throws Failure where anything of it fails; the signal's reason once that is aborted.
 */
export async function profile(call: RehearsalCall & { readonly flags: ProfileFlags }): Promise<void> {
  const { flags, outside, out } = call;
  const steps = countOf('--steps', flags.steps, usualSteps, mostSteps);
  const key = `runs/profile-${timeKey(new Date())}.trace.json`;
  const file = flags.trace === undefined ? undefined : resolve(outside.folder, flags.trace);
  const trace = file === undefined ? { key } : { file };
  const { store, result } = await rehearseHere(call, (common) => ({
    ...common,
    kind: 'profile',
    steps,
    warmup,
    trace,
  }));
  const place = file ?? placeOf(store, storeUri(key));
  if (flags.json === true) {
    out.say(JSON.stringify({ ...result, trace: { ...result.trace, place } }, null, 2));
    return;
  }
  out.say();
  for (const line of profileLines(result, out.colours)) out.say(line);
  out.say();
  out.say(`trace  ${place}`);
  const { events, leftOut } = result.trace;
  if (leftOut > 0) out.say(`       the first ${events} events: ${leftOut} more are in the figures alone`);
  out.say(out.colours.dim('       open it in chrome://tracing or https://ui.perfetto.dev'));
}
