/* exported byId, element, fact, percent, say, shortDigest */

const byId = (id) => document.getElementById(id);

/** An element with its text, attributes and children; text is never read as HTML. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A term with what it is, for a `<dl>`. */
function fact(term, ...description) {
  return element('div', {}, element('dt', {}, term), element('dd', {}, ...description));
}

function shortDigest(digest) {
  return element('code', { title: `SHA-256 ${digest}` }, digest.slice(0, 12));
}

/** A share of 1 in words that never round to nothing or to all. */
function percent(share) {
  if (share > 0 && share < 0.0005) return '< 0.1\u00a0%';
  if (share < 1 && share >= 0.9995) return '> 99.9\u00a0%';
  return `${(share * 100).toFixed(1)}\u00a0%`;
}

/** Has screen readers say something, also the same twice. */
function say(text) {
  const said = byId('said');
  said.textContent = said.textContent === text ? `${text}\u00a0` : text;
}
