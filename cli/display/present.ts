import type { Console } from './console';
import { newLines } from './plain';
import { renderWorkflow } from './render';
import type { WorkflowView } from './view';

/** Shows a view: in place of the one before on a terminal, else as lines of what is new. */
export function present(console: Console, before: WorkflowView, after: WorkflowView): void {
  if (console.live) {
    console.draw(renderWorkflow(after, { width: console.width, colours: console.colours }));
  } else {
    for (const line of newLines(before, after)) console.say(line);
  }
}
