import {
  findingKinds,
  validationSchema,
  type Finding,
  type FindingKind,
  type Validation,
} from '../../../../contracts/schemas/dataset';
import type { CardContent } from '../content';
import { count, counted } from '../../../page/figures';
import { fittingRows } from '../fitting';
import { html, type Markup } from '../../../page/html';
import { nameMarkup, shownName } from '../../../page/names';
import type { KindSummary, Summary } from '../summary';

/** Rows of one kind, and characters of all rows: a page that nobody can open says less than a shorter one. */
const mostOfKind = 200;
const mostCharacters = 350_000;
const longestReason = 240;

const policies = { keep: 'keep', drop: 'leave out', fail: 'stop' } as const;

/** The setting that draws the line of a kind, where there is one. */
const lines: Partial<Record<FindingKind, keyof Validation>> = {
  tiny: 'min_side',
  huge: 'max_megapixels',
  small_class: 'min_per_class',
  imbalance: 'max_imbalance',
};

/** Every kind of finding with count, policy, reason and files. */
export function findings({ rules, pictures }: CardContent, { kinds, leftOut }: Summary): Markup {
  const head = html`<h2 id="findings-title">Left out, and found</h2>`;
  const absent = findingKinds.filter((kind) => !kinds.some((found) => found.kind === kind));
  const lookedFor = html`<p class="quiet">Looked for, and not found: ${absent.map(wordsOf).join(', ')}.</p>`;
  if (kinds.length === 0) {
    return html`<section id="findings" aria-labelledby="findings-title">
      ${head}
      <p class="fine">
        Nothing was left out, and nothing odd was found in ${counted(pictures.length, 'picture')}.
      </p>
      ${lookedFor}
    </section>`;
  }
  const rows = kinds.map(
    ({ kind, findings, dropped }) =>
      html`<tr>
        <th scope="row">
          <a href="#kind-${kind}">${wordsOf(kind)}</a> <span class="quiet">${meaningOf(kind, rules)}</span>
        </th>
        <td>${policies[rules[kind]]}</td>
        <td class="number">${count(findings.length)}</td>
        <td class="number">${count(dropped)}</td>
      </tr>`,
  );
  const characters = mostCharacters / kinds.length;
  return html`<section id="findings" aria-labelledby="findings-title">
    ${head}
    <p>
      ${leftOut === 0 ? 'No file was left out.' : `${counted(leftOut, 'file was', 'files were')} left out.`}
      One file can have several findings. Every line is in <code>findings.jsonl</code>, beside this card.
    </p>
    <table class="kinds">
      <caption>
        What was found, and what is done about it
      </caption>
      <thead>
        <tr>
          <th scope="col">Kind</th>
          <th scope="col">Rule</th>
          <th scope="col" class="number">found</th>
          <th scope="col" class="number">left out</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    ${absent.length > 0 ? lookedFor : undefined}
    <p class="filter" hidden>
      <label
        >Find in these files <input type="search" id="filter" autocomplete="off" spellcheck="false"
      /></label>
      <output id="matches" for="filter"></output>
    </p>
    ${kinds.map((kind) => filesOf(kind, characters))}
  </section>`;
}

/** `near_duplicate` as `near duplicate`. */
function wordsOf(kind: FindingKind): string {
  return kind.replaceAll('_', ' ');
}

function meaningOf(kind: FindingKind, rules: Validation): string {
  const meaning = validationSchema.shape[kind].description ?? '';
  const line = lines[kind];
  return line === undefined ? meaning : meaning.replace(line, `${line} (${rules[line]})`);
}

function filesOf({ kind, findings, dropped }: KindSummary, characters: number): Markup {
  // Those that were left out first: the rest is in the dataset, and can be seen there.
  const inOrder = [
    ...findings.filter((finding) => finding.dropped),
    ...findings.filter((finding) => !finding.dropped),
  ];
  const rows = fittingRows(inOrder.slice(0, mostOfKind), characters, fileRow);
  const more = findings.length - rows.length;
  return html`<details id="kind-${kind}">
    <summary>
      <h3>${wordsOf(kind)}</h3>
      <span class="quiet">${counted(findings.length, 'finding')}, ${count(dropped)} left out</span>
    </summary>
    <table class="files">
      <caption class="unseen">
        Files found as ${wordsOf(kind)}
      </caption>
      <thead>
        <tr>
          <th scope="col">File</th>
          <th scope="col">Reason</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    ${more > 0 ? html`<p class="quiet">And ${count(more)} more, all in <code>findings.jsonl</code>.</p>` : undefined}
  </details>`;
}

function fileRow({ path, label, reason, other, dropped }: Finding): Markup {
  return html`<tr>
    <td>
      ${nameMarkup(path)}${
        label === undefined || path.split('/').includes(label)
          ? undefined
          : html` <span class="quiet">${nameMarkup(label, 60)}</span>`
      }
    </td>
    <td>
      ${dropped ? undefined : html`<span class="badge">kept</span> `}<bdi>${shownName(reason, longestReason)}</bdi>${
        other === undefined || reason.includes(other)
          ? undefined
          : html` <span class="quiet">→ ${nameMarkup(other)}</span>`
      }
    </td>
  </tr> `;
}
