/* global byId, element, fact, inWaiting, patiently, percent, shortDigest */
/* exported refreshModel, refreshModelFor */

/** Of the model that is described, or was last asked about. */
let describedDigest;
const mostClassesShown = 30;

function dateOf(time) {
  return new Date(time).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
}

/** A long list is there for who asks for it. */
function classList(classes) {
  const list = element(
    'ul',
    { class: 'classes' },
    ...classes.map((name) => element('li', {}, element('bdi', {}, name))),
  );
  if (classes.length <= mostClassesShown) return list;
  return element('details', {}, element('summary', {}, `All ${classes.length}`), list);
}

function showModel({ name, version, digest, accuracy, promotedAt, classes }) {
  describedDigest = digest;
  byId('lead').textContent = `${name}, version ${version}, tells ${classes.length} classes apart.`;
  const facts = [
    fact(
      'Name',
      element('a', { href: `/models/${encodeURIComponent(name)}/${version}` }, `${name}, version ${version}`),
    ),
    fact('Digest', shortDigest(digest)),
  ];
  if (accuracy !== undefined) facts.push(fact('Accuracy', `${percent(accuracy)} of test pictures`));
  if (promotedAt !== undefined) {
    facts.push(fact('Promoted', element('time', { datetime: promotedAt }, dateOf(promotedAt))));
  }
  const known = fact('Classes', classList(classes));
  known.className = 'all';
  facts.push(known);
  byId('model-facts').replaceChildren(...facts);
  byId('model').hidden = false;
}

/** Asks what the model is, and shows it. @returns The refusal, where there was one. */
async function refreshModel() {
  try {
    const { body } = await patiently('/v1/model', {}, (wait) => {
      byId('lead').textContent = inWaiting(wait);
    });
    showModel(body);
    return undefined;
  } catch (error) {
    byId('lead').textContent =
      error.status === 401 ? 'Ready, for those who have a key.' : (error.detail ?? error.message);
    return error;
  }
}

/** Asks anew where another model has answered; once for each, as a challenger's answers are its own. */
function refreshModelFor(digest) {
  if (digest === describedDigest) return;
  describedDigest = digest;
  refreshModel();
}
