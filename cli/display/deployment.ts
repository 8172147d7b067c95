import type {
  DeploymentRecord,
  DeploymentState,
  DeploymentStep,
  FiguresSummary,
} from '../../contracts/schemas/deployment';
import { type Colours, duration } from './format';
import { table } from './table';

const headlines: Readonly<Record<DeploymentState, string>> = {
  running: 'is being deployed',
  serving: 'is serving',
  'went-back': 'went back',
  overtaken: 'was overtaken: somebody else changed what it was deployed to',
  stuck: 'could not go back',
  planned: 'would be deployed',
};

/** A line for each step that has begun, has been looked at or has ended since `before`. */
export function stepNews(before: DeploymentRecord | undefined, after: DeploymentRecord): string[] {
  return after.steps.flatMap((step) => {
    const earlier = before?.steps.find((other) => other.step === step.step);
    const begun = step.startedAt !== undefined && earlier?.startedAt === undefined;
    const lines = begun ? [`${step.step}: ${step.plan}`] : [];
    if (step.state !== 'running' && step.state !== 'waiting' && earlier?.state !== step.state) {
      return [...lines, `${step.step}: ${step.state === 'done' ? '' : 'failed: '}${step.note ?? step.state}`];
    }
    if (step.state === 'running' && step.note !== undefined && step.note !== earlier?.note) {
      return [...lines, `${step.step}: ${step.note}`];
    }
    return lines;
  });
}

/** What a deployment would do, step by step. */
export function planLines(record: DeploymentRecord, colours: Colours): string[] {
  const { model, version, target, place, before, steps } = record;
  return [
    '',
    `${colours.bold(`${model} version ${version}`)} ${colours.cyan(headlines.planned)} to ${target}: ${place}`,
    `before      ${before}; at the first step that fails, it is gone back to that`,
    '',
    ...steps.map(({ step, plan }, at) => `${String(at + 1).padStart(2)}. ${step.padEnd(8)} ${plan}`),
    '',
    'Nothing was changed.',
  ];
}

/** What a deployment has come to: the end, then each step with its time and figures. */
export function deploymentLines(record: DeploymentRecord, colours: Colours): string[] {
  const { id, model, version, target, place, before, state, outcome, steps, by, reason } = record;
  const paint = state === 'serving' ? colours.green : state === 'running' ? colours.cyan : colours.red;
  const rows = steps.map((step) => [
    step.step,
    step.state,
    step.startedAt?.slice(11, 19) ?? '',
    tookText(step),
    ...figureCells(step.figures?.new),
    ...figureCells(step.figures?.old),
  ]);
  const header = ['step', 'state', 'from', 'took', 'failed', 'p95', 'old: failed', 'p95'];
  const [titles = '', ...lines] = table(header, rows, new Set([3, 4, 5, 6, 7]));
  return [
    '',
    `${colours.bold(`${model} version ${version}`)} ${paint(headlines[state])}`,
    ...(outcome === undefined ? [] : [`because     ${outcome}`]),
    `to          ${target}: ${place}`,
    `before      ${before}`,
    `by          ${by}${reason === undefined ? '' : `: ${reason}`}`,
    `deployment  ${id}`,
    '',
    colours.dim(titles),
    ...lines,
  ];
}

function tookText({ startedAt, endedAt }: DeploymentStep): string {
  if (startedAt === undefined || endedAt === undefined) return '';
  return duration(Date.parse(endedAt) - Date.parse(startedAt));
}

function figureCells(figures: FiguresSummary | undefined): [string, string] {
  if (figures === undefined) return ['', ''];
  const { requests, errors, p95Ms } = figures;
  return [`${errors} of ${requests}`, p95Ms === null ? '–' : `${p95Ms} ms`];
}

/** A row each, the newest first. */
export function deploymentRows(records: readonly DeploymentRecord[], colours: Colours): string[] {
  const rows = records.map(({ id, model, version, target, state, startedAt, by, outcome }) => [
    id,
    `${model}@${version}`,
    target,
    state,
    startedAt.slice(0, 16).replace('T', ' '),
    by,
    outcome ?? '',
  ]);
  const header = ['deployment', 'version', 'to', 'state', 'begun (UTC)', 'by', 'outcome'];
  const [titles = '', ...lines] = table(header, rows);
  return [colours.dim(titles), ...lines];
}
