import { renderDocument } from '../../page/document';
import { html, type Markup } from '../../page/html';
import { shownName } from '../../page/names';
import { classBars } from './class-bars';
import type { EvaluationReport } from './content';
import { coverageChart } from './coverage-chart';
import { figureTable } from './figure-table';
import { header } from './header';
import { heatMap } from './heat-map';
import { lineage } from './lineage';
import { reliabilityDiagram } from './reliability';
import { robustnessCurves } from './robustness-curves';
import { rocCurves } from './roc-curves';
import { sliceTable } from './slice-table';
import { style } from './style';
import { worstMistakes } from './worst-mistakes';

export type { ClassCurve, EvaluationReport, Mistake } from './content';

/** What a report's window is called: it says whose figures they are. */
export function evaluationTitle(subject: string): string {
  return `Evaluation of ${shownName(subject)}`;
}

/**
 * `report.html`: an evaluation for people to look at. One page that needs nothing else: no script, no request to anywhere,
 * safe to open whatever the classes are called.
 */
export function evaluationPage(report: EvaluationReport): string {
  const sections: readonly (readonly [string, string, Markup | undefined])[] = [
    ['figures', 'Figures', figureTable(report)],
    ['confusion', 'Confusion', heatMap(report)],
    ['classes', 'Classes', classBars(report)],
    ['roc', 'ROC', rocCurves(report)],
    ['calibration', 'Calibration', reliabilityDiagram(report)],
    ['coverage', 'Only when sure', coverageChart(report)],
    ['slices', 'Slices', sliceTable(report)],
    ['robustness', 'Robustness', robustnessCurves(report)],
    ['mistakes', 'Worst mistakes', worstMistakes(report)],
    ['lineage', 'Lineage', lineage(report)],
  ];
  const shown = sections.filter(([, , markup]) => markup !== undefined);
  return renderDocument({
    title: evaluationTitle(report.subject),
    style,
    body: html`${header(report)}
      <nav aria-label="On this page">
        <ul>
          ${shown.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}
        </ul>
      </nav>
      <main>${shown.map(([, , markup]) => markup)}</main>`,
  });
}
