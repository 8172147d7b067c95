import type { Leaderboard, LeaderboardRow, StageProgress } from '../contracts/progress';
import type { IngestResult, TrainedSoFar, TrainResult } from '../contracts/results';

/** Markdown for the current details in Temporal's UI. */

export function pipelineDetails(stages: readonly StageProgress[], warnings: readonly string[]): string {
  const mark = { waiting: '·', running: '▶', done: '✓', kept: '✓', failed: '✗' } as const;
  const rows = stages.map(({ stage, state, note }) =>
    row([`${mark[state]}\u00a0${stage}`, state === 'kept' ? 'kept from before' : state, note ?? '']),
  );
  return [...table(['stage', 'state', 'what came of it']), ...rows, ...warningLines(warnings)].join('\n');
}

export function leaderboardDetails(board: Leaderboard, warnings: readonly string[]): string {
  const names = [...new Set(board.rows.flatMap((trial) => Object.keys(trial.parameters)))];
  const counted = board.rows.some(({ epochs }) => epochs !== undefined);
  const lines = board.rows.map((trial) =>
    row([
      String(trial.trial),
      trial.state === 'paused' ? 'waits' : trial.state,
      ...(counted ? [epochsOf(trial)] : []),
      trial.metric === undefined ? '' : formatNumber(trial.metric),
      ...names.map((name) => formatValue(trial.parameters[name])),
    ]),
  );
  const {
    finished,
    failed,
    running,
    stopped = 0,
    paused = 0,
    trials,
    metric,
    goal,
    state = 'running',
  } = board;
  const others = [
    `${running} running`,
    `${failed} failed`,
    ...(paused > 0 ? [`${paused} waiting at a rung`] : []),
    ...(stopped > 0 ? [`${stopped} stopped`] : []),
    ...(state === 'running' ? [] : [`the sweep is ${state}`]),
  ];
  return [
    `**${finished} of ${trials} trials finished**, ${others.join(', ')}; best first by ${metric} (${goal}).`,
    '',
    ...table(['trial', 'state', ...(counted ? ['trained'] : []), metric, ...names]),
    ...lines,
    ...whyLines(board.rows),
    ...warningLines(warnings),
  ].join('\n');
}

function epochsOf({ epochs, planned }: LeaderboardRow): string {
  if (epochs === undefined) return '';
  return planned === undefined || planned === epochs ? String(epochs) : `${epochs} of ${planned}`;
}

/** What doesn't fit into a cell: why trials failed or were stopped. */
function whyLines(rows: readonly LeaderboardRow[]): string[] {
  const told = rows.flatMap(({ trial, failure, why }) => {
    const reason = failure ?? why;
    return reason === undefined ? [] : [`- ${trial}: ${reason.replaceAll('\n', ' ').slice(0, 200)}`];
  });
  return told.length === 0 ? [] : ['', 'Why trials ended early:', '', ...told];
}

export function ingestDetails(result: IngestResult): string {
  const { pictures, classes, perSplit, rejected, manifest, card, warnings = [] } = result;
  const { train, validation, test } = perSplit;
  return [
    `**${pictures} pictures** of ${classes.length} classes, ${rejected} left out.`,
    '',
    ...table(['train', 'validation', 'test']),
    row([String(train), String(validation), String(test)]),
    '',
    `Classes: ${classes.slice(0, 100).join(', ')}${classes.length > 100 ? ', …' : ''}`,
    '',
    `Version \`${manifest.sha256}\`${card ? `, card \`${card.uri}\`` : ''}`,
    ...warningLines(warnings),
  ].join('\n');
}

export function trainDetails({ run, metrics, epochs, result }: TrainResult | TrainedSoFar): string {
  const lines = Object.entries(metrics).map(([name, value]) => row([name, formatNumber(value)]));
  const soFar = result ? '' : ' so far';
  return [
    `**Run ${run}**, ${epochs} epochs${soFar}; its best:`,
    '',
    ...table(['metric', 'value']),
    ...lines,
  ].join('\n');
}

/** A trial's parameters on one line, short enough for a summary (400 bytes). */
export function oneLine(parameters: LeaderboardRow['parameters']): string {
  const words = Object.entries(parameters).map(([name, value]) => `${name}=${formatValue(value)}`);
  return words.join(' ').slice(0, 200);
}

function table(columns: readonly string[]): string[] {
  return [row(columns), row(columns.map(() => '---'))];
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ').slice(0, 300)).join(' | ')} |`;
}

function warningLines(warnings: readonly string[]): string[] {
  return warnings.length === 0 ? [] : ['', ...warnings.slice(0, 10).map((warning) => `> ⚠ ${warning}`)];
}

function formatValue(value: unknown): string {
  if (typeof value === 'number') return formatNumber(value);
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function formatNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

/** A share as people read it: `71.3 %`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
