/* global byId, closeFeedback, element, fact, openFeedback, percent, say, shortDigest */
/* exported clearTrouble, showAnswer, showLooking, showTrouble */

const shownClasses = 5;

function ranked(probabilities) {
  return Object.entries(probabilities).sort(([, a], [, b]) => b - a);
}

function bar(share) {
  const track = element('span', { class: 'track', 'aria-hidden': 'true' }, element('span', { class: 'bar' }));
  track.firstChild.style.setProperty('--share', share);
  return track;
}

function row([name, share]) {
  return element(
    'li',
    {},
    element('span', { class: 'name' }, element('bdi', {}, name)),
    bar(share),
    element('span', { class: 'percent' }, percent(share)),
  );
}

function restOf(others) {
  if (others.length === 0) return '';
  const share = percent(others.reduce((sum, [, each]) => sum + each, 0));
  return others.length === 1
    ? `One other class: ${share}`
    : `${others.length} other classes together: ${share}`;
}

function factsOf({ model, milliseconds, request, id }) {
  const { name, version, digest } = model;
  const link = element(
    'a',
    { href: `/models/${encodeURIComponent(name)}/${version}` },
    `${name}, version ${version}`,
  );
  return [
    fact('Model', link),
    fact('Digest', shortDigest(digest)),
    fact('Took', `${Math.max(1, Math.round(milliseconds))} ms, seen from this browser`),
    fact('Request', element('code', {}, request ?? id)),
  ];
}

/** Shows an answer, one just given or an earlier one, and says it. */
function showAnswer(answer) {
  const shares = ranked(answer.probabilities);
  const top = shares.slice(0, shownClasses);
  byId('answer').removeAttribute('aria-busy');
  byId('answer').hidden = false;
  byId('answer-title').textContent = answer.prediction;
  byId('bars').replaceChildren(...top.map(row));
  byId('others').textContent = restOf(shares.slice(shownClasses));
  byId('made-smaller').textContent = answer.note ?? '';
  byId('made-smaller').hidden = answer.note === undefined;
  byId('facts').replaceChildren(...factsOf(answer));
  openFeedback(answer);
  bringIntoView('bars');
  const [first, ...others] = top.map(([name, share]) => `${name}, ${percent(share)}`);
  say(`It shows: ${first}. Then: ${others.join('; ')}.`);
}

/** Keeps the answer's place while one is awaited; an earlier one must not stand beside the new picture. */
function showLooking() {
  const answer = byId('answer');
  answer.hidden = false;
  answer.setAttribute('aria-busy', 'true');
  closeFeedback();
  byId('answer-title').textContent = 'Looking…';
  for (const each of byId('bars').querySelectorAll('.name, .percent')) each.textContent = '\u00a0';
  for (const each of byId('bars').querySelectorAll('.bar')) each.style.setProperty('--share', 0);
  if (byId('bars').childElementCount === 0) {
    byId('bars').replaceChildren(...Array.from({ length: shownClasses }, () => row(['\u00a0', 0])));
    for (const each of byId('bars').querySelectorAll('.percent')) each.textContent = '\u00a0';
  }
}

/** On a small screen what is said may lie below the picture. */
function bringIntoView(id) {
  byId(id).scrollIntoView({ block: 'nearest' });
}

function clearTrouble() {
  byId('trouble').replaceChildren();
}

/** Says in the service's own words why there is no answer; its place is an alert. */
function showTrouble({ title, detail, request, message }, { waits = false } = {}) {
  byId('answer').hidden = !waits;
  const lines = [element('h2', {}, title ?? 'This page has a fault'), element('p', {}, detail ?? message)];
  if (request !== undefined && !waits) {
    lines.push(element('p', { class: 'quiet' }, 'Request ', element('code', {}, request)));
  }
  byId('trouble').replaceChildren(...lines);
  bringIntoView('trouble');
}
