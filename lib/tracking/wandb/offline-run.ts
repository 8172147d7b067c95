import type { MetricsLine } from '../../../contracts/schemas/metrics';
import { bestFigures, figuresOf, type Figure } from '../series';
import type { Finished } from '../sink';
import { encodeRunRecords } from './record-schema';
import { encodeTransactionLog } from './transaction-log';

/** The oldest W&B that reads these records; all of them have been there since. */
const minConsumer = '0.13.0';

interface Item {
  readonly nested_key: readonly string[];
  readonly value_json: string;
}

/** The folder that `wandb sync` is given, by its name. */
export function offlineRunName(run: string, lines: readonly MetricsLine[], at: number): string {
  const began = new Date(beganAt(lines, at)).toISOString();
  const time = began.slice(0, 19).replace(/[-:]/g, '').replace('T', '_');
  return `offline-run-${time}-${run}`;
}

/** A finished run as `wandb sync` reads it: its configuration, the figures of every step, and those of the best epoch. */
export function encodeOfflineRun(project: string, finished: Finished): Buffer {
  const { result, lines, at } = finished;
  const began = beganAt(lines, at);
  const runtime = Math.max(0, Math.round((at - began) / 1000));
  const config = Object.entries(result.config);
  const records: Readonly<Record<string, unknown>>[] = [
    { header: { version_info: { producer: 'drover', min_consumer: minConsumer } } },
    {
      run: {
        run_id: result.run,
        display_name: result.run,
        project,
        tags: ['drover'],
        start_time: { seconds: Math.floor(began / 1000), nanos: Math.floor(began % 1000) * 1_000_000 },
        config: { update: config.map(([key, value]) => ({ key, value_json: JSON.stringify(value) })) },
      },
    },
    ...historyOf(lines, began),
    { summary: { update: summaryOf(finished).map(itemOf) } },
    { exit: { exit_code: 0, runtime } },
  ];
  return encodeTransactionLog(encodeRunRecords(records));
}

/** What W&B lists runs with: the newest of each figure, and those of the best epoch. */
export function summaryOf({ result, lines }: Finished): Figure[] {
  const newest = new Map(lines.flatMap(figuresOf).map(({ name, value }) => [name, value]));
  const figures = [...newest].map(([name, value]) => ({ name, value }));
  return [...figures.filter(({ value }) => Number.isFinite(value)), ...bestFigures(result.best)];
}

/** A row a step, as W&B has it: an epoch's figures stand in that of its last step. */
function historyOf(lines: readonly MetricsLine[], began: number): Readonly<Record<string, unknown>>[] {
  const rows = new Map<number, { at: number; figures: Figure[] }>();
  for (const line of lines) {
    const row = rows.get(line.step) ?? { at: line.at, figures: [] };
    row.figures.push(
      ...figuresOf(line),
      ...(line.kind === 'epoch' ? [{ name: 'epoch', value: line.epoch }] : []),
    );
    rows.set(line.step, row);
  }
  return [...rows]
    .sort(([a], [b]) => a - b)
    .map(([step, { at, figures }]) => {
      const own = [
        { name: '_step', value: step },
        { name: '_timestamp', value: at / 1000 },
        { name: '_runtime', value: Math.max(0, (at - began) / 1000) },
      ];
      const item = [...figures.filter(({ value }) => Number.isFinite(value)), ...own].map(itemOf);
      return { history: { item, step: { num: step } } };
    });
}

function itemOf({ name, value }: Figure): Item {
  return { nested_key: [name], value_json: JSON.stringify(value) };
}

function beganAt(lines: readonly MetricsLine[], at: number): number {
  return lines[0]?.at ?? at;
}
