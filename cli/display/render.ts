import { type Amount, amountText, bar, shareOf } from './bar';
import { type Colours, columnsOf, duration, pad } from './format';
import { leaderboardLines } from './leaderboard';
import type { StageView, WorkflowView } from './view';

export interface RenderOptions {
  readonly width: number;
  readonly colours: Colours;
}

/** The live display of one workflow, as lines; at most `width` columns is the screen's business. */
export function renderWorkflow(view: WorkflowView, options: RenderOptions): string[] {
  const { colours } = options;
  const lines = view.stages.map((stage) => stageLine(withSweepShare(stage, view), options));
  for (const activity of view.activities) {
    lines.push(
      amountLine(
        pad(activity.name, 11),
        activity.amount,
        activity.note,
        options,
        colours.cyan('▸'),
        undefined,
      ),
    );
  }
  const board = view.leaderboard;
  const sweep = view.stages.find((stage) => stage.stage === 'sweep');
  if (board && (!sweep || sweep.state === 'running' || sweep.state === 'done' || sweep.state === 'kept')) {
    lines.push('', ...leaderboardLines(board, view.trials, colours, 10).map((line) => `  ${line}`));
  }
  if (view.trouble !== undefined) lines.push('', colours.yellow(`  ${view.trouble}`));
  return lines;
}

/** A sweep's own progress: trials done, and the running ones by their share. */
function withSweepShare(stage: StageView, view: WorkflowView): StageView {
  const board = view.leaderboard;
  if (stage.stage !== 'sweep' || stage.state !== 'running' || !board) return stage;
  const done = board.finished + board.failed + (board.stopped ?? 0) + (board.paused ?? 0);
  const begun = Object.values(view.trials).reduce(
    (sum, trial) => sum + trial.done / Math.max(1, trial.total),
    0,
  );
  const note = [
    board.running > 0 ? `${board.running} running` : '',
    board.paused !== undefined && board.paused > 0 ? `${board.paused} waiting at a rung` : '',
    board.failed > 0 ? `${board.failed} failed` : '',
    board.stopped !== undefined && board.stopped > 0 ? `${board.stopped} stopped` : '',
    board.state === 'paused' || board.state === 'stopping' ? board.state : '',
  ].filter((part) => part !== '');
  return {
    ...stage,
    amount: { done, total: board.trials, unit: 'trials', share: (done + begun) / Math.max(1, board.trials) },
    ...(note.length > 0 ? { note: note.join(', ') } : {}),
  };
}

const marks = { waiting: '·', running: '▸', done: '✓', kept: '✓', failed: '✗' } as const;

function stageLine(view: StageView, options: RenderOptions): string {
  const { colours } = options;
  const name = pad(view.stage, 11);
  switch (view.state) {
    case 'waiting':
      return colours.dim(`  ${marks.waiting} ${name}`);
    case 'running':
      return amountLine(name, view.amount, view.note, options, colours.cyan(marks.running), view.elapsed);
    case 'done':
    case 'kept': {
      const kept = view.state === 'kept' ? 'as before' : '';
      const text = [view.note, kept].filter((part) => part !== undefined && part !== '').join(', ');
      return `  ${colours.green(marks[view.state])} ${name} ${colours.dim(text)}`.trimEnd();
    }
    case 'failed':
      return `  ${colours.red(marks.failed)} ${name} ${colours.red(view.note ?? 'failed')}`;
  }
}

/** `▸ name  ████····  12/40 pictures, 3/s, 9 s left  note`; also the lines of downloads. */
export function amountLine(
  name: string,
  amount: Amount | undefined,
  note: string | undefined,
  options: RenderOptions,
  mark: string,
  elapsed: number | undefined,
): string {
  const { colours, width } = options;
  const time = elapsed === undefined || elapsed < 1000 ? '' : duration(elapsed);
  if (!amount || amount.total <= 0) {
    const text = [note, time].filter((part) => part !== undefined && part !== '').join(', ');
    return `  ${mark} ${name} ${colours.dim(text)}`.trimEnd();
  }
  const text = [amountText(amount), note].filter((part) => part !== undefined && part !== '').join('  ');
  // A long note, such as a training's, leaves less for the bar; by steps, or the bar would tremble.
  const left = width - columnsOf(name) - columnsOf(text) - 7;
  const columns = Math.max(8, Math.min(30, width - 60, Math.floor(left / 6) * 6));
  return `  ${mark} ${name} ${bar(shareOf(amount), columns, colours)}  ${text}`;
}
