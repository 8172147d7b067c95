import type { SweepRecord } from '../../../contracts/schemas/sweep-record';
import { renderDocument } from '../../page/document';
import { html, type Markup } from '../../page/html';
import { shownName } from '../../page/names';
import { reportOf, type SweepReportOptions } from './content';
import { epochCurves } from './epoch-curves';
import { header } from './header';
import { importanceTable } from './importance-table';
import { parallel } from './parallel';
import { progress } from './progress';
import { saved } from './saved';
import { scatter } from './scatter';
import { script } from './script';
import { style } from './style';
import { trialTable } from './trial-table';

export type { SweepReportOptions } from './content';

/**
 * How a sweep went, for people to look at: one page that needs nothing else. It makes no request to anywhere, reads without
 * its script, and is safe to open whatever the names in it are.
 */
export function sweepReport(record: SweepRecord, options: SweepReportOptions): string {
  const report = reportOf(record, options);
  const sections: readonly (readonly [string, string, Markup | undefined])[] = [
    ['progress', 'Best so far', progress(report)],
    ['parallel', 'Parameters together', parallel(report)],
    ['each', 'Each parameter', scatter(report)],
    ['importance', 'Importance', importanceTable(report)],
    ['curves', 'Curves', epochCurves(report)],
    ['saved', 'Saved', saved(report)],
    ['trials', 'Trials', trialTable(report)],
  ];
  const shown = sections.filter(([, , markup]) => markup !== undefined);
  return renderDocument({
    title: `Sweep ${shownName(record.sweep)}`,
    style,
    script,
    body: html`${header(report)}
      <nav aria-label="On this page">
        <ul>
          ${shown.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}
        </ul>
      </nav>
      <main>${shown.map(([, , markup]) => markup)}</main>`,
  });
}
