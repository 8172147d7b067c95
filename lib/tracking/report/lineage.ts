import { html, type Fragment, type Markup } from '../../page/html';
import { nameMarkup } from '../../page/names';
import { leavesOf } from '../leaves';
import type { RunReport } from './content';

/** What the parts of a result's environment are called; those that are not here go by their own name. */
const names: Readonly<Record<string, string>> = {
  tensorflow: 'TensorFlow',
  threads: 'Threads',
  device: 'Device',
  cpu: 'CPU',
  code: 'Code version',
  lock: 'Lock file',
};

/** What the model was made of and by, and how to make it again. */
export function lineage({ result, dataset }: RunReport): Markup {
  const { run, prepared, model, environment } = result;
  const made = leavesOf(environment).map(({ path, value }) => {
    const [first = '', ...rest] = path;
    return fact([names[first] ?? first, ...rest].join(' '), nameMarkup(value, 120));
  });
  return html`<section id="lineage" aria-labelledby="lineage-title">
    <h2 id="lineage-title">Lineage</h2>
    <dl class="facts">
      ${fact('Run', html`<code>${run}</code>`)}
      ${
        dataset &&
        fact(
          'Dataset version',
          html`${nameMarkup(dataset.name)}<br /><code>${dataset.manifest.sha256}</code>`,
        )
      }
      ${fact('Prepared set', html`<code>${prepared.sha256}</code>`)}
      ${fact('Model, as ONNX', html`<code>${model.onnx.sha256}</code>`)}
      ${fact('Classes', html`${model.classes.length}, of pictures of ${model.preprocessing.size} × ${model.preprocessing.size} pixels, ${model.preprocessing.color}`)}
      ${made}
    </dl>
    <h3>Again</h3>
    <p>The same training, and whether it gives the same model here:</p>
    <pre><code>npx drover rerun ${run}</code></pre>
  </section>`;
}

function fact(name: string, value: Fragment): Markup {
  return html`<dt>${nameMarkup(name, 60)}</dt>
    <dd>${value}</dd>`;
}
