import { count, counted, moment, percent } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import { nameMarkup } from '../../page/names';
import { tile } from '../../page/tile';
import { verdictWords, type DriftReport } from './content';

/** The verdict, why, and what it was found on. */
export function header({ look, written }: DriftReport): Markup {
  const { model, version, verdict, reason, window, reference, findings, dryRun } = look;
  const { checks } = findings;
  const found = checks.filter((check) => check.verdict === 'drift').length;
  const { compared, predictions, repeated, withoutPicture, unreadable, others, labelled } = window;
  const iso = new Date(written).toISOString();
  return html`<header>
    <p class="quiet">Report of a look for drift${dryRun ? ', a dry run' : ''}</p>
    <h1>${nameMarkup(model)} version ${version}</h1>
    <p><span class="verdict ${verdict}">${verdictWords[verdict]}</span></p>
    <p><strong>${reason}</strong></p>
    <p>
      What was sent from <time datetime="${window.since}">${moment(window.since)}</time> to
      <time datetime="${window.until}">${moment(window.until)}</time>, compared with the version’s own
      pictures. Written <time datetime="${iso}">${moment(iso)}</time>.
    </p>
    <dl class="tiles">
      ${tile('Compared', count(compared), `of ${counted(predictions, 'prediction')}`)}
      ${tile('Reference', count(reference.pictures), 'its own pictures')}
      ${tile('Checks with drift', count(found), `of ${count(checks.length)}`)}
      ${tile('True classes', count(labelled), compared === 0 ? 'said by somebody' : `${percent(labelled, compared)} of what was compared`)}
      ${tile('Without a picture', count(withoutPicture + unreadable), unreadable === 0 ? 'none was kept' : `${count(unreadable)} can’t be read`)}
      ${tile('Left out', count(others + repeated), `${count(others)} of other versions, ${count(repeated)} sent again`)}
    </dl>
  </header>`;
}
