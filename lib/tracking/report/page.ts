import { renderDocument } from '../../page/document';
import { html, type Markup } from '../../page/html';
import { worthALook } from './advice';
import { configuration } from './configuration';
import type { RunReport } from './content';
import { curves } from './curves';
import { header } from './header';
import { lineage } from './lineage';
import { sample } from './sample';
import { style } from './style';

/**
 * `report.html`: how a run went, for people to look at. One page that needs nothing else: no script, no request to
 * anywhere, safe to open whatever the classes are called. It stays below 3 MB.
 *
 * @throws Error where a sample picture is not of the shape that the run's pictures have
 */
export async function renderRunReport(report: RunReport): Promise<string> {
  const look = worthALook(report);
  const answers = await sample(report);
  return renderDocument({
    title: `Run ${report.result.run}`,
    style,
    body: html`${header(report)} ${contents(look !== undefined, answers !== undefined)}
      <main>${look} ${curves(report)} ${answers} ${configuration(report)} ${lineage(report)}</main>`,
  });
}

function contents(hasAdvice: boolean, hasSample: boolean): Markup {
  const entries = [
    ...(hasAdvice ? [['advice', 'Worth a look']] : []),
    ['curves', 'Curves'],
    ...(hasSample ? [['sample', 'Sample']] : []),
    ['configuration', 'Configuration'],
    ['lineage', 'Lineage'],
  ].map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`);
  return html`<nav aria-label="On this page">
    <ul>
      ${entries}
    </ul>
  </nav>`;
}
