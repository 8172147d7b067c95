import { championAlias } from '../../contracts/names';
import { renderDocument } from '../../lib/page/document';
import { moment } from '../../lib/page/figures';
import { html, type Fragment, type Markup } from '../../lib/page/html';
import { nameMarkup, shownName } from '../../lib/page/names';
import { badges, share } from '../models-page/parts';
import { gateTable } from '../models-page/promotion-section';
import type { ModelView } from '../models-page/read-models';
import type { Problem } from '../problem';
import type { PendingPromotion } from './administration';
import type { Session } from './sessions';
import { administrationStyle } from './style';

function page(title: string, body: Markup): string {
  return renderDocument({ title, style: administrationStyle, forms: true, body });
}

/**
 * Asks for a token.
 *
 * @param to - where to go on, a path of the administration's own
 */
export function loginPage(to: string, wrong: boolean): string {
  return page(
    'Administration',
    html`<main>
      <h1>Administration</h1>
      <form method="post" action="/login" class="narrow">
        <input type="hidden" name="to" value="${to}" />
        ${wrong ? html`<p class="bad" role="alert">Nobody has this token.</p>` : undefined}
        <label
          >Your token <input type="password" name="token" required autocomplete="current-password" autofocus
        /></label>
        <p class="quiet">
          Made by <code>npx drover admin --new-token &lt;name&gt;</code>; what you do is recorded under that
          name.
        </p>
        <button>Go on</button>
      </form>
    </main>`,
  );
}

/** Says what went wrong with a request, and leads back. */
export function problemPage({ title, detail }: Pick<Problem, 'title' | 'detail'>): string {
  return page(
    title,
    html`<main>
      <h1>${title}</h1>
      <p>${shownName(detail, 600)}</p>
      <p><a href="/">Back to the administration</a></p>
    </main>`,
  );
}

export interface Overview {
  readonly session: Session;
  /** undefined where Temporal does not answer. */
  readonly pending: readonly PendingPromotion[] | undefined;
  readonly models: readonly ModelView[];
}

/** What waits for a decision, and what can be done to each model. */
export function overviewPage({ session, pending, models }: Overview): string {
  const { principal, notice } = session;
  return page(
    'Administration',
    html`<header>
        <form method="post" action="/logout" class="who">
          ${tokenField(session)}<span>You are ${nameMarkup(principal)}</span>
          <button class="plain">Leave</button>
        </form>
        <h1>Administration</h1>
        <p><a href="/feedback">Review what users say of pictures</a></p>
        ${notice === undefined ? undefined : html`<p class="${notice.isGood ? 'good' : 'bad'}" role="status">${shownName(notice.text, 600)}</p>`}
      </header>
      <main>
        <section aria-labelledby="waiting-title">
          <h2 id="waiting-title">Waiting for a person</h2>
          ${pendingMarkup(pending, session)}
        </section>
        ${models.map((model) => modelSection(model, session))}
      </main>`,
  );
}

function pendingMarkup(pending: readonly PendingPromotion[] | undefined, session: Session): Markup {
  if (pending === undefined) {
    return html`<p class="bad">
      Temporal does not answer just now, so what waits is not known. Try again in a moment.
    </p>`;
  }
  if (pending.length === 0) return html`<p>No promotion waits for a decision.</p>`;
  return html`${pending.map((each) => promotionMarkup(each, session))}`;
}

function promotionMarkup({ workflow, model, version, record }: PendingPromotion, session: Session): Markup {
  const action = `/promotions/${encodeURIComponent(workflow)}`;
  return html`<article>
    <h3>${nameMarkup(model)}, version ${version}</h3>
    ${
      record &&
      html`<p>
          ${shownName(record.reason, 600)}<br /><span class="quiet"
            >Asked for by ${nameMarkup(record.by, 80)},
            ${record.champion === null ? 'with no champion' : `beside version ${record.champion}`}${record.approval === undefined ? undefined : html`; until <time datetime="${record.approval.deadline}">${moment(record.approval.deadline)}</time>`}.</span
          >
        </p>
        ${gateTable(record)}`
    }
    <form method="post" action="${action}">
      ${tokenField(session)} ${reasonField(`Why, for the record of ${model} ${version}`)}
      <div class="buttons">
        <button name="decision" value="approve">Approve</button>
        <button name="decision" value="reject" class="warn">Reject</button>
      </div>
    </form>
  </article>`;
}

function modelSection(model: ModelView, session: Session): Markup {
  const { name, versions, aliases } = model;
  const champion = aliases.get(championAlias);
  const id = `model-${name}`;
  const newest = [...versions].reverse();
  const options = (without?: number): Markup[] =>
    newest
      .filter(({ version }) => version !== without)
      .map(
        ({ version, metrics }) =>
          html`<option value="${version}">version ${version}, ${share(metrics.accuracy)}</option>`,
      );
  const action = (what: string): string => `/models/${encodeURIComponent(name)}/${what}`;
  const named = [...aliases].filter(([alias]) => alias !== championAlias);
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${nameMarkup(name)}</h2>
    <ul class="standing">
      ${newest.map(({ version }) => {
        const marks = badges(model, version);
        return marks && html`<li>Version ${version} ${marks}</li>`;
      })}
    </ul>
    ${
      champion === undefined || versions.length < 2
        ? undefined
        : form(
            'Roll the champion back',
            action('rollback'),
            session,
            html`<label
              >To
              <select name="version">
                <option value="">the champion before version ${champion}</option>
                ${options(champion)}
              </select></label
            >`,
            html`<button class="warn">Roll back</button>`,
          )
    }
    ${form(
      'Name a version',
      action('alias'),
      session,
      html`<label>Alias <input name="alias" required maxlength="64" pattern="[A-Za-z0-9_\\-]+" /></label>
        <label
          >For
          <select name="version">
            ${options()}
          </select></label
        >`,
      html`<button>Set</button>`,
    )}
    ${
      named.length === 0
        ? undefined
        : form(
            'Take a name away',
            action('alias'),
            session,
            html`<input type="hidden" name="remove" value="yes" /><label
                >Alias
                <select name="alias">
                  ${named.map(([alias, version]) => html`<option value="${alias}">${alias} (version ${version})</option>`)}
                </select></label
              >`,
            html`<button class="warn">Take away</button>`,
          )
    }
  </section>`;
}

function form(title: string, action: string, session: Session, fields: Fragment, button: Markup): Markup {
  return html`<details>
    <summary><h3>${title}</h3></summary>
    <form method="post" action="${action}">
      ${tokenField(session)} ${fields} ${reasonField('Why, for the history')}
      <div class="buttons">${button}</div>
    </form>
  </details>`;
}

function tokenField({ formToken }: Session): Markup {
  return html`<input type="hidden" name="form" value="${formToken}" />`;
}

function reasonField(label: string): Markup {
  return html`<label class="reason"
    >${label} <input name="reason" required maxlength="2000" autocomplete="off"
  /></label>`;
}
