import type { Outcome } from '../../../lib/google-setup/walk';
import type { Console } from '../../display/console';
import { asJson, toDoLines } from '../../display/google-setup';
import type { Outside } from '../../settings';
import { walkProject, type GcpFlags } from './walk-project';

/**
 * Makes what is missing, one after the other, and leaves what is there; a dry run only says so. Exit code 1 where something is
 * left that Google refused, or that is there and other than it should be.
 */
export async function setup(
  flags: GcpFlags & { readonly dryRun?: boolean },
  outside: Outside,
  out: Console,
): Promise<void> {
  const making = flags.dryRun !== true;
  const { project, outcomes } = await walkProject(flags, outside, out, { making, commands: !making });
  if (outcomes.some(({ state }) => state === 'refused' || state === 'differs')) process.exitCode = 1;
  if (flags.json === true) {
    out.say(asJson(project, outcomes));
    return;
  }
  const count = (state: Outcome['state']): number => outcomes.filter((each) => each.state === state).length;
  out.say();
  if (making) {
    for (const line of toDoLines(outcomes, out.colours)) out.say(line);
    const made = count('made');
    out.say(made === 0 ? 'Nothing was changed.' : `${made} made, ${count('there')} were there.`);
  } else {
    out.say(
      `${count('there')} there, ${count('missing')} would be made by \`drover gcp setup\`. Nothing was changed.`,
    );
  }
}
