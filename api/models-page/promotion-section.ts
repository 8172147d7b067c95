import type { PromotionRecord } from '../../contracts/schemas/promotion';
import { count, moment } from '../../lib/page/figures';
import { html, type Markup } from '../../lib/page/html';
import { nameMarkup, shownName } from '../../lib/page/names';

/** Each time that a version was judged: its gates, their numbers and verdicts, and what was decided. */
export function promotionSection(promotions: readonly PromotionRecord[]): Markup {
  if (promotions.length === 0) return html`<p>It was not judged by gates yet.</p>`;
  return html`${promotions.map(promotionMarkup)}`;
}

function promotionMarkup(record: PromotionRecord): Markup {
  const { state, startedAt, by, reason, champion, gateSet, approval, dryRun } = record;
  const answer = approval?.answer;
  return html`<h3>
      ${words[state]}${dryRun ? ' (a dry run)' : ''},
      <time datetime="${startedAt}">${moment(startedAt)}</time>
    </h3>
    <p>
      ${shownName(reason, 600)}<br />
      <span class="quiet"
        >Asked for by ${nameMarkup(by, 80)},
        ${champion === null ? 'with no champion to compare with' : `beside version ${champion}`}, on
        ${count(gateSet.pictures)} pictures that promotions have looked at ${count(gateSet.uses)}
        ${gateSet.uses === 1 ? 'time' : 'times'}.</span
      >
    </p>
    ${
      answer === undefined
        ? undefined
        : html`<p>
            ${answer.approved ? 'Approved' : 'Rejected'} by ${nameMarkup(answer.by, 80)},
            ${moment(answer.at)}: ${shownName(answer.reason, 400)}
          </p>`
    }
    ${gateTable(record)}`;
}

const words: Readonly<Record<PromotionRecord['state'], string>> = {
  waiting: 'Waits for a person',
  promoted: 'Promoted',
  refused: 'Refused by a gate',
  rejected: 'Rejected by a person',
  expired: 'Nobody decided in time',
  judged: 'Judged',
  cancelled: 'Cancelled',
};

/** The gates of one judgement; also on the page of whoever has to decide. */
export function gateTable({ gates }: Pick<PromotionRecord, 'gates'>): Markup | undefined {
  if (gates.length === 0) return undefined;
  const rows = gates.map(
    ({ gate, verdict, value, limit, why }) =>
      html`<tr>
        <td class="verdict ${verdict}">${verdictWords[verdict]}</td>
        <th scope="row">${shownName(gate, 160)}<br /><span class="quiet">${shownName(why, 400)}</span></th>
        <td class="number">${value === null ? '–' : figure(value)}</td>
        <td class="number">${figure(limit)}</td>
      </tr>`,
  );
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">Verdict</th>
          <th scope="col">Gate</th>
          <th scope="col" class="number">Found</th>
          <th scope="col" class="number">Limit</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

const verdictWords = { pass: '✓ pass', fail: '✗ fail', undecided: '? undecided' } as const;

function figure(value: number): string {
  return Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(4)));
}
