import type { ActivityProgress, Leaderboard, LeaderboardRow } from '../../contracts/progress';
import { type Colours, figure, inline } from './format';
import { table } from './table';

/** The sweep's trials, best first, in columns: number, metric, parameters that vary, state. */
export function leaderboardLines(
  board: Leaderboard,
  trials: Readonly<Record<number, ActivityProgress>>,
  colours: Colours,
  most = board.rows.length,
): string[] {
  const rows = board.rows.slice(0, most);
  if (rows.length === 0) return [];
  const names = [...new Set(board.rows.flatMap((row) => Object.keys(row.parameters)))];
  const header = ['trial', board.metric, ...names, ''];
  const best = board.rows.find((row) => row.state === 'finished' && row.metric !== undefined)?.trial;
  const [titles, ...lines] = table(
    header,
    rows.map((row) => [
      String(row.trial),
      row.metric === undefined ? '' : figure(row.metric),
      ...names.map((name) => (name in row.parameters ? inline(row.parameters[name]) : '')),
      stateText(row, trials[row.trial]),
    ]),
    new Set([0, 1]),
  );
  return [
    colours.dim(titles ?? ''),
    ...lines.map((line, at) => {
      const row = rows[at];
      if (row?.trial === best) return colours.green(line);
      return row?.state === 'failed' ? colours.red(line) : line;
    }),
  ];
}

function stateText(row: LeaderboardRow, progress: ActivityProgress | undefined): string {
  if (row.state === 'failed') return `failed${row.failure === undefined ? '' : `: ${row.failure}`}`;
  if (row.state === 'finished') return '';
  if (row.state === 'stopped') return `stopped${row.why === undefined ? '' : `: ${row.why}`}`;
  if (row.state === 'paused') return `waits after epoch ${row.epochs ?? 0} of ${row.planned ?? 0}`;
  if (!progress || progress.total <= 0) return 'running';
  const share = `${Math.floor((100 * progress.done) / progress.total)} %`;
  return progress.note === undefined ? share : `${share}, ${progress.note}`;
}
