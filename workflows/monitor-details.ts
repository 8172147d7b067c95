import { markdownText } from '../contracts/markdown';
import type { MonitorCooldown } from '../contracts/monitor';
import type { DriftCheckVerdict } from '../contracts/schemas/drift';
import type { FollowUp, Look } from '../contracts/schemas/monitor';

const headlines: Readonly<Record<DriftCheckVerdict, string>> = {
  quiet: 'No drift',
  drift: 'Drift',
  'too-few': 'Too few predictions to tell',
  shown: 'Not judged',
};

/** A look as Markdown: what was found, check by check. */
export function lookDetails(
  look: Look,
  then: { workflow?: string; cooldown?: MonitorCooldown } = {},
): string {
  const { model, version, verdict, reason, window, report, dryRun } = look;
  return [
    `**${headlines[verdict]}**: ${markdownText(model)} version ${version}${dryRun ? ' (a dry run: nothing follows)' : ''}`,
    '',
    markdownText(reason),
    '',
    `${window.compared} of ${window.predictions} predictions from ${window.since} to ${window.until} were compared.`,
    '',
    `Report: \`${report}\``,
    ...checkLines(look),
    ...(then.workflow === undefined ? [] : ['', `What follows: \`${then.workflow}\``]),
    ...(then.cooldown === undefined
      ? []
      : ['', `Nothing follows until ${then.cooldown.until}: ${markdownText(then.cooldown.reason)}`]),
  ].join('\n');
}

function checkLines({ findings }: Look): string[] {
  if (findings.checks.length === 0) return [];
  return [
    '',
    '| check | figure | corrected p | verdict | why |',
    '| --- | --- | --- | --- | --- |',
    ...findings.checks.map(({ name, statistic, measure, adjusted, verdict, why }) => {
      const number = (value: number): string => String(Number(value.toPrecision(3)));
      const cells = [
        name,
        statistic === null ? '–' : `${number(statistic)} ${measure}`,
        adjusted === null ? '–' : number(adjusted),
        headlines[verdict],
        why,
      ];
      return `| ${cells.map(markdownText).join(' | ')} |`;
    }),
  ];
}

const states: Readonly<Record<FollowUp['state'], string>> = {
  waiting: 'Waits for a person',
  starting: 'A pipeline is being started',
  started: 'A pipeline was started',
  rejected: 'Rejected: no pipeline is started',
  expired: 'Nobody decided in time: no pipeline is started',
  cancelled: 'Cancelled',
  failed: 'Failed',
};

/** What follows a look that has found drift, as Markdown: what was decided, and how to decide. */
export function followUpDetails(record: FollowUp): string {
  const { state, model, version, reason, deadline, reminders, pipeline } = record;
  const waits =
    state === 'waiting' && deadline !== undefined
      ? [
          '',
          `Until ${deadline}, then no pipeline is started.${reminders === 0 ? '' : ` Reminded ${reminders === 1 ? 'once' : `${reminders} times`}.`}`,
          '',
          `    npx drover monitor approve --model ${model} --by NAME --reason WHY`,
          `    npx drover monitor reject --model ${model} --by NAME --reason WHY`,
        ]
      : [];
  return [
    `**${states[state]}**: drift of ${markdownText(model)} version ${version}`,
    '',
    markdownText(reason),
    ...waits,
    ...(pipeline === undefined ? [] : ['', `Pipeline: \`${pipeline}\``]),
  ].join('\n');
}
