import type { MonitorResult } from '../../contracts/monitor';
import type { DriftCheckVerdict } from '../../contracts/schemas/drift';
import type { FollowUp, Look } from '../../contracts/schemas/monitor';
import { type Colours, figure, inline } from './format';
import { table } from './table';

const words: Readonly<Record<DriftCheckVerdict, string>> = {
  quiet: 'no drift',
  drift: 'drift',
  'too-few': 'too few to tell',
  shown: 'not judged',
};

export function verdictWord({ verdict }: { readonly verdict: DriftCheckVerdict }, colours: Colours): string {
  const paint = { quiet: colours.green, drift: colours.red, 'too-few': colours.yellow, shown: colours.dim };
  return paint[verdict](words[verdict]);
}

/** What a look has found: the verdict, then a row a check, with why below those that found drift. */
export function lookLines(look: Look, colours: Colours): string[] {
  const { model, version, reason, window, findings } = look;
  const time = (iso: string): string => iso.slice(0, 16).replace('T', ' ');
  const { compared, predictions, repeated, withoutPicture, unreadable, others, labelled } = window;
  const leftOut = [
    ...(repeated > 0 ? [`${repeated} of pictures that were sent before`] : []),
    ...(withoutPicture > 0 ? [`${withoutPicture} without a picture`] : []),
    ...(unreadable > 0 ? [`${unreadable} that can't be read any more`] : []),
    ...(others > 0 ? [`${others} of other versions`] : []),
  ];
  return [
    '',
    `${colours.bold(`${model} version ${version}`)} ${verdictWord(look, colours)}`,
    `because     ${inline(reason)}`,
    `window      ${time(window.since)} to ${time(window.until)} UTC: ${compared} of ${predictions} predictions compared` +
      `${labelled > 0 ? `, ${labelled} with a true class` : ''}${leftOut.length > 0 ? `; left out: ${leftOut.join(', ')}` : ''}`,
    ...checkLines(findings.checks, colours),
  ];
}

type Check = NonNullable<Look['findings']>['checks'][number];

function checkLines(checks: readonly Check[], colours: Colours): string[] {
  if (checks.length === 0) return [];
  const rows = checks.map((check) => [
    check.name,
    check.statistic === null ? '–' : `${figure(check.statistic)} ${check.measure}`,
    check.adjusted === null ? '–' : figure(check.adjusted),
    verdictWord(check, colours),
  ]);
  const [header = '', ...lines] = table(['check', 'figure', 'corrected p', 'verdict'], rows, new Set([2]));
  const whys = checks
    .filter(({ verdict }) => verdict === 'drift')
    .map(({ name, why }) => `- ${why.startsWith(name) ? '' : `${name}: `}${why}`);
  return ['', colours.dim(header), ...lines, ...(whys.length > 0 ? ['', ...whys] : []), ''];
}

/** What follows a look that has found drift, as it was begun. */
export function followUpLines({ followUp, cooldown, model }: MonitorResult, colours: Colours): string[] {
  if (cooldown !== undefined) {
    return [
      `follows     nothing until ${cooldown.until.slice(0, 16).replace('T', ' ')} UTC (\`cooldown\`): ${inline(cooldown.reason)}`,
    ];
  }
  if (followUp === undefined) return [];
  const { workflow, policy, already } = followUp;
  if (policy === 'pipeline') {
    return [`follows     ${workflow}${already ? ' is under way already' : ' starts a pipeline'}`];
  }
  return [
    colours.yellow(
      already ? 'A person is asked already:' : 'A person is asked whether a pipeline is started:',
    ),
    ...decideLines(model),
  ];
}

function decideLines(model: string): string[] {
  return [
    `  npx drover monitor approve --model ${model} --by NAME --reason WHY`,
    `  npx drover monitor reject --model ${model} --by NAME --reason WHY`,
  ];
}

const states: Readonly<Record<FollowUp['state'], string>> = {
  waiting: 'waits for a person',
  starting: 'a pipeline is being started',
  started: 'a pipeline was started',
  rejected: 'no pipeline: rejected',
  expired: 'no pipeline: nobody decided in time',
  cancelled: 'no pipeline: cancelled',
  failed: 'no pipeline: it failed',
};

/** What has become of a look that found drift. */
export function stateLine(
  { state, reason, deadline, pipeline, model }: FollowUp,
  colours: Colours,
): string[] {
  return [
    `follows     ${states[state]}${pipeline === undefined ? '' : ` (${pipeline})`}: ${inline(reason)}`,
    ...(state === 'waiting' && deadline !== undefined
      ? [colours.yellow(`Until ${deadline}:`), ...decideLines(model)]
      : []),
  ];
}
