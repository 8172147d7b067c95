import { markdownText } from '../contracts/markdown';
import type {
  DeploymentRecord,
  DeploymentState,
  DeploymentStep,
  FiguresSummary,
} from '../contracts/schemas/deployment';

const headlines: Readonly<Record<DeploymentState, string>> = {
  running: 'Being deployed',
  serving: 'Serving',
  'went-back': 'Went back',
  overtaken: 'Somebody else changed it; left as they made it',
  stuck: 'Could not go back',
  planned: 'A plan; nothing was changed',
};

/** A deployment as Markdown: how it stands, and each step with its times and figures. */
export function deploymentDetails(record: DeploymentRecord): string {
  const { model, version, target, place, before, state, outcome, steps } = record;
  return [
    `**${headlines[state]}**: ${markdownText(model)} version ${version} to ${target}, ${markdownText(place)}`,
    '',
    outcome === undefined ? `Before it: ${markdownText(before)}` : markdownText(outcome),
    '',
    '| step | state | from | took | new | old | what came of it |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...steps.map(stepRow),
  ].join('\n');
}

function stepRow({ step, plan, state, startedAt, endedAt, note, figures }: DeploymentStep): string {
  const cells = [
    step,
    state,
    startedAt?.slice(11, 19) ?? '',
    startedAt !== undefined && endedAt !== undefined ? seconds(startedAt, endedAt) : '',
    figures ? figuresText(figures.new) : '',
    figures?.old ? figuresText(figures.old) : '',
    note ?? plan,
  ];
  return `| ${cells.map(markdownText).join(' | ')} |`;
}

function seconds(from: string, to: string): string {
  return `${Math.round((Date.parse(to) - Date.parse(from)) / 100) / 10} s`;
}

/** `0 of 240 failed, p95 48 ms`. */
function figuresText({ requests, errors, p95Ms }: FiguresSummary): string {
  return `${errors} of ${requests} failed${p95Ms === null ? '' : `, p95 ${p95Ms} ms`}`;
}
