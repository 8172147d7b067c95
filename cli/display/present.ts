import type { Console } from './console';
import { newLines } from './plain';
import { renderWorkflow } from './render';
import type { WorkflowView } from './view';

/**
 * Shows a view: in place of the one before on a terminal, else as lines of what is new. What a sweep stands on and its warnings are
 * lasting lines: they don't change, and are too long for the picture of a terminal.
 */
export function present(console: Console, before: WorkflowView, after: WorkflowView): void {
  const pictures = after.leaderboard?.pictures;
  if (pictures !== undefined && before.leaderboard?.pictures !== pictures) {
    console.say(`pictures    ${pictures}`);
  }
  for (const warning of after.leaderboard?.warnings ?? []) {
    if (before.leaderboard?.warnings?.includes(warning) === true) continue;
    console.say(console.colours.yellow(`look at     ${warning}`));
  }
  if (console.live) {
    console.draw(renderWorkflow(after, { width: console.width, colours: console.colours }));
  } else {
    for (const line of newLines(before, after)) console.say(line);
  }
}
