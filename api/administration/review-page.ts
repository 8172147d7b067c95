import { classesOf, type ReviewItem, shortItem } from '../../lib/feedback/review';
import { renderDocument } from '../../lib/page/document';
import { counted, moment, percent } from '../../lib/page/figures';
import { html, type Markup } from '../../lib/page/html';
import { nameMarkup, shownName } from '../../lib/page/names';
import { reviewScript } from './review-script';
import type { Session } from './sessions';
import { administrationStyle } from './style';

export interface ReviewPage {
  readonly session: Session;
  readonly model: string;
  /** Of all models with feedback. */
  readonly models: readonly string[];
  readonly waiting: number;
  /** Pictures that were accepted or corrected, and are not part of the dataset. */
  readonly toApply: number;
  readonly withoutPicture: number;
  /** Shown now; undefined where nothing waits. */
  readonly item: ReviewItem | undefined;
  /** A JPEG of it; undefined where it can't be shown. */
  readonly picture: Buffer | undefined;
  /** How many of those that wait are left for later. */
  readonly skipped: number;
  /** The last that was left for later. */
  readonly after: string | undefined;
  /** The last decisions, the newest first. */
  readonly decided: readonly ReviewItem[];
}

const mostClasses = 8;

/** One picture that waits for a review, large, with what the model and people say of it; below, what was decided last. */
export function reviewPage(content: ReviewPage): string {
  const { session, model, models, waiting, item, withoutPicture, toApply, decided } = content;
  const { notice, principal } = session;
  return renderDocument({
    title: `Feedback: ${model}`,
    ...{ style: administrationStyle, script: reviewScript, forms: true },
    body: html`<header>
        <form method="post" action="/logout" class="who">
          ${tokenField(session)}<span>You are ${nameMarkup(principal)}</span>
          <button class="plain">Leave</button>
        </form>
        <p><a href="/">Administration</a></p>
        <h1>Feedback on ${nameMarkup(model)}</h1>
        ${models.length > 1 ? html`<p>${models.map((name) => (name === model ? html`<strong>${name}</strong> ` : html`<a href="${addressOf(name)}">${name}</a> `))}</p>` : undefined}
        ${notice === undefined ? undefined : html`<p class="${notice.isGood ? 'good' : 'bad'}" role="status">${shownName(notice.text, 600)}</p>`}
        <p>
          ${counted(waiting, 'picture')} ${waiting === 1 ? 'waits' : 'wait'} for a review.
          ${withoutPicture > 0 ? html`<span class="quiet">Of ${counted(withoutPicture, 'prediction')} with a label no picture was kept.</span>` : undefined}
        </p>
      </header>
      <main>
        ${item === undefined ? nothingLeft(content) : itemSection(item, content)}
        ${applySection(toApply, content)}
        ${decided.length === 0 ? undefined : decidedSection(decided, content)}
      </main>`,
  });
}

/** Where nobody has said anything of any picture. */
export function noFeedbackPage(session: Session): string {
  return renderDocument({
    title: 'Feedback',
    ...{ style: administrationStyle, script: reviewScript, forms: true },
    body: html`<main>
      <p>You are ${nameMarkup(session.principal)}. <a href="/">Administration</a></p>
      <h1>Feedback</h1>
      <p>
        Nobody has said anything of a picture yet. The API takes labels at
        <code>POST /v1/predictions/{id}/feedback</code>; they are here within a minute.
      </p>
    </main>`,
  });
}

function addressOf(model: string): string {
  return `/feedback/${encodeURIComponent(model)}`;
}

function nothingLeft({ skipped, model }: ReviewPage): Markup {
  return skipped > 0
    ? html`<p>
        You have left ${counted(skipped, 'picture')} for later. <a href="${addressOf(model)}">Begin again</a>
      </p>`
    : html`<p>There is nothing to review: everything that somebody said of a picture was decided.</p>`;
}

function itemSection(item: ReviewItem, content: ReviewPage): Markup {
  const { settlement, answers } = item;
  const answer = answers.at(-1);
  const ranked = Object.entries(answer?.probabilities ?? {}).sort(([, a], [, b]) => b - a);
  const shown = ranked.slice(0, mostClasses);
  return html`<article class="review" aria-label="The picture to review">
    <figure>
      ${
        content.picture === undefined
          ? html`<p class="bad">This picture can't be shown. Refuse it, or leave it.</p>`
          : html`<img
              src="data:image/jpeg;base64,${content.picture.toString('base64')}"
              alt="The picture ${shortItem(item.id)}"
            />`
      }
      <figcaption class="quiet">
        <code>${shortItem(item.id)}</code>, sent ${counted(answers.length, 'time')}
      </figcaption>
    </figure>
    <div>
      <h2>The model says ${nameMarkup(answer?.predicted ?? '')}</h2>
      <table>
        <caption class="quiet">
          Version ${answer?.version ?? ''},
          <time datetime="${answer?.at ?? ''}">${moment(answer?.at ?? '')}</time>
        </caption>
        <thead>
          <tr>
            <th scope="col">class</th>
            <th scope="col" class="number">probability</th>
          </tr>
        </thead>
        <tbody>
          ${shown.map(
            ([label, share]) =>
              html`<tr>
                <th scope="row">${nameMarkup(label)}</th>
                <td class="number">${percent(share, 1)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
      ${ranked.length > mostClasses ? html`<p class="quiet">and ${ranked.length - mostClasses} more</p>` : undefined}
      <h2>
        People say ${settlement.label === undefined ? 'different things' : nameMarkup(settlement.label)}
      </h2>
      <ul>
        ${item.said.map(
          ({ label, by, at, note }) =>
            html`<li>
              <strong>${nameMarkup(label)}</strong>, ${by === undefined ? 'somebody' : nameMarkup(by)},
              <time datetime="${at}">${moment(at)}</time
              >${note === undefined ? undefined : html`: ${shownName(note, 500)}`}
            </li>`,
        )}
      </ul>
      ${item.decision === undefined ? undefined : html`<p class="bad">${nameMarkup(item.decision.by)} has decided ${nameMarkup(item.decision.label ?? '')} before; another label was said since.</p>`}
      ${decisionForms(item, content)}
    </div>
  </article>`;
}

function decisionForms(item: ReviewItem, { session, model, after }: ReviewPage): Markup {
  const { settlement } = item;
  const hidden = html`${hiddenFields(item, session)}${after === undefined ? undefined : html`<input type="hidden" name="after" value="${after}" />`}`;
  const action = `${addressOf(model)}/decisions`;
  return html`<form method="post" action="${action}">
      ${hidden}
      <div class="buttons">
        ${
          settlement.label === undefined
            ? undefined
            : html`<button name="action" value="accept" data-key="a">
                Accept ${nameMarkup(settlement.label)} <kbd>a</kbd>
              </button>`
        }
        <button name="action" value="refuse" class="warn" data-key="r">Refuse <kbd>r</kbd></button>
        <a href="${addressOf(model)}?after=${item.id}" data-key="s" class="later">Later <kbd>s</kbd></a>
      </div>
    </form>
    ${settlement.agreement === 'agreed' ? undefined : ofThoseSaid(item, hidden, action)}
    <form method="post" action="${action}">
      ${hidden}<input type="hidden" name="action" value="correct" />
      <label class="reason"
        ><span>It shows another class <kbd>c</kbd></span>
        <input name="label" list="classes" required maxlength="255" autocomplete="off" data-key="c" />
        <datalist id="classes">
          ${classesOf(item).map((label) => html`<option value="${label}"></option>`)}
        </datalist>
      </label>
      <button>Correct</button>
    </form>`;
}

/** Where people differ, a click is enough to say who is right. */
function ofThoseSaid({ settlement }: ReviewItem, hidden: Markup, action: string): Markup {
  const labels = [...new Set(settlement.voices.map(({ label }) => label))]
    .filter((label) => label !== settlement.label)
    .slice(0, mostClasses);
  return html`<form method="post" action="${action}">
    ${hidden}<input type="hidden" name="action" value="correct" />
    <div class="buttons">
      ${labels.map((label) => html`<button name="label" value="${label}">It is ${nameMarkup(label)}</button>`)}
    </div>
  </form>`;
}

function hiddenFields(item: ReviewItem, session: Session): Markup {
  return html`${tokenField(session)}<input type="hidden" name="item" value="${item.id}" /><input
      type="hidden"
      name="seen"
      value="${item.decision?.seq ?? 0}"
    />`;
}

function applySection(toApply: number, { session, model }: ReviewPage): Markup {
  return html`<section aria-labelledby="apply-title">
    <h2 id="apply-title">Into the dataset</h2>
    <p>
      ${
        toApply === 0
          ? 'Whatever was accepted or corrected is part of the dataset. Where such a decision was undone since, its picture is taken out again.'
          : `${counted(toApply, 'picture')} that ${toApply === 1 ? 'was' : 'were'} accepted or corrected ${toApply === 1 ? 'is' : 'are'} not part of the dataset. Applied, they become a new version, to train with alone, or it is said why not.`
      }
    </p>
    <form method="post" action="${addressOf(model)}/apply">${tokenField(session)}<button>Apply</button></form>
  </section>`;
}

function decidedSection(decided: readonly ReviewItem[], { session, model }: ReviewPage): Markup {
  return html`<section aria-labelledby="decided-title">
    <h2 id="decided-title">Decided last</h2>
    <table class="decided">
      <thead>
        <tr>
          <th scope="col">picture</th>
          <th scope="col">decision</th>
          <th scope="col">by</th>
          <th scope="col">when</th>
          <th scope="col">undo</th>
        </tr>
      </thead>
      <tbody>
        ${decided.map(
          (item) =>
            html`<tr>
              <th scope="row"><code>${shortItem(item.id)}</code></th>
              <td>
                ${item.state}${item.decision?.label === undefined ? undefined : html` as ${nameMarkup(item.decision.label)}`}${item.applied ? ', in the dataset' : undefined}
              </td>
              <td>${nameMarkup(item.decision?.by ?? '')}</td>
              <td><time datetime="${item.decision?.at ?? ''}">${moment(item.decision?.at ?? '')}</time></td>
              <td>
                <form method="post" action="${addressOf(model)}/decisions" class="inline">
                  ${hiddenFields(item, session)}
                  <button
                    name="action"
                    value="undo"
                    class="plain"
                    aria-label="Undo the decision on ${shortItem(item.id)}"
                  >
                    Undo
                  </button>
                </form>
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

function tokenField({ formToken }: Session): Markup {
  return html`<input type="hidden" name="form" value="${formToken}" />`;
}
