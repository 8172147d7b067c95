import { html, type Markup } from '../../page/html';
import { verdictWords, type DriftReport } from './content';
import { figure } from './distributions';

/** Every check with its figure, its p value and what that means. */
export function checkTable({ look }: DriftReport): Markup | undefined {
  const checks = look.findings?.checks ?? [];
  if (checks.length === 0) return undefined;
  return html`<section id="checks" aria-labelledby="checks-title">
    <h2 id="checks-title">Checks</h2>
    <div class="scroll">
      <table class="checks">
        <thead>
          <tr>
            <th scope="col">Check</th>
            <th scope="col">Verdict</th>
            <th scope="col" class="number">Figure</th>
            <th scope="col" class="number">p</th>
            <th scope="col" class="wide">What it says</th>
          </tr>
        </thead>
        <tbody>
          ${checks.map(
            ({ name, verdict, statistic, p, why }) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td><span class="${verdict}-mark">${verdictWords[verdict]}</span></td>
                <td class="number">${statistic === null ? '–' : figure(statistic)}</td>
                <td class="number">${p === null ? '–' : figure(p)}</td>
                <td class="wide quiet why">${why}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}
