import { amiss } from '../../../lib/google-setup/walk';
import type { Console } from '../../display/console';
import { asJson, toDoLines } from '../../display/google-setup';
import type { Outside } from '../../settings';
import { walkProject, type GcpFlags } from './walk-project';

/** Whether a project at Google has all that it needs: exit code 1 where it has not, with what to do about each. */
export async function check(flags: GcpFlags, outside: Outside, out: Console): Promise<void> {
  const { project, outcomes } = await walkProject(flags, outside, out, { making: false, commands: false });
  if (amiss(outcomes).length > 0) process.exitCode = 1;
  if (flags.json === true) {
    out.say(asJson(project, outcomes));
    return;
  }
  out.say();
  for (const line of toDoLines(outcomes, out.colours)) out.say(line);
}
