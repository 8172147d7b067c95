import { markdownText } from '../contracts/markdown';
import type { GateOutcome, PromotionRecord, PromotionState } from '../contracts/schemas/promotion';

const headlines: Readonly<Record<PromotionState, string>> = {
  waiting: 'Waits for a person',
  promoted: 'Promoted',
  refused: 'Not promoted',
  rejected: 'Rejected',
  expired: 'Not promoted: nobody decided in time',
  judged: 'Judged; nothing was moved',
  cancelled: 'Cancelled',
};

/** A promotion as Markdown: what was decided, how to decide, every gate. */
export function promotionDetails(record: PromotionRecord): string {
  const { model, version, state, champion, reason, gateSet, gates } = record;
  const against = champion === null ? 'there is no champion' : `the champion is version ${champion}`;
  return [
    `**${headlines[state]}**: ${markdownText(model)} version ${version}${state === 'promoted' ? '' : `; ${against}`}`,
    '',
    markdownText(reason),
    '',
    ...approvalLines(record),
    '| gate | number | limit | verdict | why |',
    '| --- | --- | --- | --- | --- |',
    ...gates.map(gateRow),
    '',
    `${gateSet.pictures} ${gateSet.split} pictures of dataset version ${gateSet.manifest.sha256.slice(0, 12)}, ` +
      `asked by ${gateSet.uses} ${gateSet.uses === 1 ? 'promotion' : 'promotions'} of this model so far.`,
    ...(record.audit === undefined
      ? []
      : [
          '',
          `The last gates looked at ${record.audit.pictures} sealed pictures of dataset version ` +
            `${record.audit.manifest.sha256.slice(0, 12)}, used ${record.audit.uses} times so far.`,
        ]),
    ...(gateSet.warning === undefined ? [] : ['', `**Look**: ${gateSet.warning}`]),
  ].join('\n');
}

function approvalLines({ approval, state, workflow }: PromotionRecord): string[] {
  if (approval === undefined) return [];
  const { answer, reminders, deadline } = approval;
  if (answer) {
    const verb = answer.approved ? 'Approved' : 'Rejected';
    return [`${verb} by **${markdownText(answer.by)}** at ${answer.at}: ${markdownText(answer.reason)}`, ''];
  }
  if (state !== 'waiting') return [];
  const again = reminders === 0 ? '' : ` Reminded ${reminders === 1 ? 'once' : `${reminders} times`}.`;
  return [
    `Until ${deadline}, then it is not promoted.${again}`,
    '',
    `    npx drover approve ${workflow} --by NAME --reason WHY`,
    `    npx drover reject ${workflow} --by NAME --reason WHY`,
    '',
  ];
}

function gateRow({ gate, value, limit, verdict, why }: GateOutcome): string {
  const cells = [gate, value === null ? '–' : figure(value), figure(limit), verdict, why];
  return `| ${cells.map(markdownText).join(' | ')} |`;
}

function figure(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
