import { amiss, walk, type Outcome } from '../../../lib/google-setup/walk';
import type { Console } from '../../display/console';
import { asJson, outcomeLines, toDoLines } from '../../display/google-setup';
import type { Outside } from '../../settings';
import { openProject, type GcpFlags } from './project';

/** Whether a project at Google has all that it needs: exit code 1 where it has not, with what to do about each. */
export async function check(flags: GcpFlags, outside: Outside, out: Console): Promise<void> {
  const { google, plan } = await openProject(flags, outside);
  const outcomes: Outcome[] = [];
  for await (const outcome of walk(plan, google, { making: false })) {
    outcomes.push(outcome);
    if (flags.json === true) continue;
    for (const line of outcomeLines(outcome, out.colours, { commands: false })) out.say(line);
  }
  if (amiss(outcomes).length > 0) process.exitCode = 1;
  if (flags.json === true) {
    out.say(asJson(google.project, outcomes));
    return;
  }
  out.say();
  for (const line of toDoLines(outcomes, out.colours)) out.say(line);
}
