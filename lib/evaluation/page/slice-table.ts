import type { Slice } from '../../../contracts/schemas/evaluation';
import { count } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import { nameMarkup } from '../../page/names';
import { along } from '../../page/scale';
import { share, shares, type EvaluationReport } from './content';

const kinds = ['source', 'size', 'brightness'] as const;
const titles = { source: 'By source', size: 'By size', brightness: 'By brightness' } as const;

/** The accuracy on parts of the pictures, beside that on all. Classes stand in their own section. */
export function sliceTable({ evaluation }: EvaluationReport): Markup | undefined {
  const groups = kinds.flatMap((by) => {
    const slices = evaluation.slices.filter((slice) => slice.by === by);
    return slices.length === 0 ? [] : [group(by, slices, evaluation.accuracy)];
  });
  if (groups.length === 0) return undefined;
  return html`<section id="slices" aria-labelledby="slices-title">
    <h2 id="slices-title">Slices</h2>
    <div class="scroll">
      <table>
        <caption>
          The dot is the accuracy, the line its 95 % interval, the dashed line the accuracy on all pictures.
        </caption>
        <thead>
          <tr>
            <th scope="col">Slice</th>
            <th scope="col">Range</th>
            <th scope="col" class="number">Pictures</th>
            <th scope="col" class="number">Accuracy</th>
            <th scope="col" class="wide"><span class="unseen">Accuracy with its interval, drawn</span></th>
            <th scope="col" class="number">95 % interval</th>
          </tr>
        </thead>
        ${groups}
      </table>
    </div>
  </section>`;
}

function group(by: (typeof kinds)[number], slices: readonly Slice[], all: number): Markup {
  const of = slices[0]?.of;
  const note =
    of === undefined ? '' : of === 'original' ? ' of the picture as it came' : ' of the prepared picture';
  return html`<tbody>
    <tr>
      <th scope="colgroup" colspan="6"><strong>${titles[by]}</strong><span class="quiet">${note}</span></th>
    </tr>
    ${slices.map(
      (slice) =>
        html`<tr>
          <th scope="row">${nameMarkup(slice.name, 40)}</th>
          <td class="quiet">${rangeText(slice)}</td>
          <td class="number">${count(slice.pictures)}</td>
          <td class="number">${share(slice.accuracy)}</td>
          <td class="bars wide">${whisker(slice, all)}</td>
          <td class="number">${shares(slice.interval)}</td>
        </tr>`,
    )}
  </tbody>`;
}

function rangeText({ by, range }: Slice): string {
  if (range === undefined) return '';
  const [low, high] = range;
  if (by === 'size') return `${megapixels(low)} to ${megapixels(high)} Mpx`;
  return `luminance ${low.toFixed(0)} to ${high.toFixed(0)}`;
}

function megapixels(pixels: number): string {
  return Number((pixels / 1e6).toPrecision(2)).toString();
}

function whisker({ accuracy, interval: [low, high] }: Slice, all: number): Markup {
  return html`<svg class="bar" width="100%" height="16" aria-hidden="true">
    <line class="grid" x1="0" x2="100%" y1="8" y2="8" />
    <line class="ideal" x1="${along(all, 1)}" x2="${along(all, 1)}" y1="0" y2="16" />
    <line class="reach" x1="${along(low, 1)}" x2="${along(high, 1)}" y1="8" y2="8" />
    ${accuracy === null ? undefined : html`<circle class="train" cx="${along(accuracy, 1)}" cy="8" r="4" />`}
  </svg>`;
}
