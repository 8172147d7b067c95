import type { LeaderboardRow } from '../../contracts/progress';
import { type Amount, amountText } from './bar';
import { figure, inline } from './format';
import type { StageView, WorkflowView } from './view';

/** The step, in shares of a stage, at which a log that is not a terminal gets another line. */
const step = 0.25;

/**
 * What is new between two views, as lines for a log: one when a stage starts or ends, when a trial ends, and
 * at each quarter of a long stage.
 */
export function newLines(before: WorkflowView, after: WorkflowView): string[] {
  const lines: string[] = [];
  const trials = trialNews(before, after);
  for (const stage of after.stages) {
    // A sweep's trials come between its start and its end.
    if (stage.stage === 'sweep' && stage.state !== 'running') lines.push(...trials.splice(0));
    const previous = before.stages.find((other) => other.stage === stage.stage);
    const line = stageNews(previous, stage);
    if (line !== undefined) lines.push(line);
  }
  lines.push(...trials);
  for (const activity of after.activities) {
    const previous = before.activities.find((other) => other.name === activity.name);
    if (!previous) lines.push(`${activity.name}: started`);
    else if (
      activity.amount &&
      quarters(activity.amount) > (previous.amount ? quarters(previous.amount) : 0)
    ) {
      lines.push(`${activity.name}: ${told(activity.amount, activity.note)}`);
    }
  }
  if (after.trouble !== undefined && after.trouble !== before.trouble) lines.push(after.trouble);
  return lines;
}

/** A line for each trial that has ended. */
function trialNews(before: WorkflowView, after: WorkflowView): string[] {
  const lines: string[] = [];
  for (const row of after.leaderboard?.rows ?? []) {
    const previous = before.leaderboard?.rows.find((other) => other.trial === row.trial);
    if (row.state === 'running' || previous?.state === row.state) continue;
    const parameters = Object.entries(row.parameters)
      .map(([name, value]) => `${name}=${inline(value)}`)
      .join(' ');
    const metric = `${after.leaderboard?.metric ?? 'metric'} ${row.metric === undefined ? 'unknown' : figure(row.metric)}`;
    lines.push(`trial ${row.trial}: ${row.state === 'finished' ? metric : endOf(row)} (${parameters})`);
  }
  return lines;
}

function endOf({ state, failure, why, epochs = 0, planned = 0 }: LeaderboardRow): string {
  if (state === 'paused') return `waits after epoch ${epochs} of ${planned}`;
  const reason = failure ?? why;
  return reason === undefined ? state : `${state}: ${reason}`;
}

function stageNews(previous: StageView | undefined, stage: StageView): string | undefined {
  const note = stage.note === undefined ? '' : `: ${stage.note}`;
  if (previous?.state !== stage.state) {
    if (stage.state === 'waiting') return undefined;
    if (stage.state === 'running') return `${stage.stage}: started`;
    return `${stage.stage}: ${stage.state === 'kept' ? 'done before' : stage.state}${note}`;
  }
  // A sweep's steps are its trials, each of which has a line already.
  if (stage.state !== 'running' || !stage.amount || stage.stage === 'sweep') return undefined;
  const seen = previous.amount ? quarters(previous.amount) : 0;
  return quarters(stage.amount) > seen ? `${stage.stage}: ${told(stage.amount, stage.note)}` : undefined;
}

/** Where only the note says how fast it goes, it belongs to the figures. */
function told(amount: Amount, note: string | undefined): string {
  return amount.timed === true && note !== undefined ? `${amountText(amount)}, ${note}` : amountText(amount);
}

function quarters(amount: { readonly done: number; readonly total: number }): number {
  return amount.total > 0 ? Math.floor(amount.done / amount.total / step) : 0;
}
