/**
 * A heading's address on its page, as GitHub makes it, so that a link leads to the same place there and on the site.
 * @param {string} heading its text, without Markdown
 */
export const anchorOf = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');

/**
 * The addresses of a page's headings; of two with the same words the second one's ends with -1.
 * @param {string} page Markdown
 */
export function anchorsOf(page) {
  const found = new Set();
  let fenced = false;
  for (const line of page.split('\n')) {
    if (/^\s*```/.test(line)) fenced = !fenced;
    const heading = fenced ? undefined : /^#{1,6} (.+)$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '');
    const anchor = anchorOf(plain);
    let unique = anchor;
    for (let again = 1; found.has(unique); again += 1) unique = `${anchor}-${again}`;
    found.add(unique);
  }
  return found;
}
