import { renderDocument } from '../../page/document';
import { html, type Markup } from '../../page/html';
import { shownName } from '../../page/names';
import { checkTable } from './check-table';
import { classShares } from './class-shares';
import { verdictWords, type DriftReport } from './content';
import { distributions } from './distributions';
import { foreignPictures } from './foreign-pictures';
import { header } from './header';
import { style } from './style';

/**
 * `report.html`: a look for drift, for people. One page that needs nothing else: no script, no request to anywhere, safe to open
 * whatever the classes are called and whatever was sent.
 */
export function driftPage(report: DriftReport): string {
  const { look } = report;
  const sections: readonly (readonly [string, string, Markup | undefined])[] = [
    ['checks', 'Checks', checkTable(report)],
    ['distributions', 'Distributions', distributions(report.distributions)],
    ['answers', 'Answers', classShares(report.shares)],
    ['foreign', 'Most foreign', foreignPictures(report.foreign)],
  ];
  const shown = sections.filter(([, , markup]) => markup !== undefined);
  return renderDocument({
    title: `${verdictWords[look.verdict]}: ${shownName(look.model)} version ${look.version}`,
    style,
    body: html`${header(report)}
      ${
        shown.length === 0
          ? undefined
          : html`<nav aria-label="On this page">
              <ul>
                ${shown.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}
              </ul>
            </nav>`
      }
      <main>${shown.map(([, , markup]) => markup)}</main>`,
  });
}
