import { html, type Markup } from '../../page/html';
import type { EvaluationReport } from './content';

/** What exactly was measured on what. */
export function lineage({ evaluation }: EvaluationReport): Markup {
  const { model, prepared, manifest, predictions } = evaluation;
  const refs = [
    ['Model', model],
    ['Prepared set', prepared],
    ['Dataset version', manifest],
    ...(predictions === null ? [] : ([['Every answer', predictions]] as const)),
  ] as const;
  return html`<section id="lineage" aria-labelledby="lineage-title">
    <h2 id="lineage-title">Where this comes from</h2>
    <dl class="facts">
      ${refs.map(
        ([name, ref]) =>
          html`<dt>${name}</dt>
            <dd><code>${ref.uri}</code><br /><span class="quiet">SHA-256 ${ref.sha256}</span></dd>`,
      )}
    </dl>
  </section>`;
}
