import { html, type Fragment, type Markup } from '../../page/html';
import { visibleText } from '../../page/names';

const longest = 20_000;

/**
 * Licences and credits, which sources give as simple Markdown: paragraphs, lists, bold, code and links. A link's
 * address is written out, not followed: the card asks nobody for anything, and its text comes from strangers.
 */
export function prose(text: string): Markup {
  const cut = visibleText(text.length > longest ? `${text.slice(0, longest)}…` : text);
  const blocks = cut.split(/\n\s*\n/).filter((block) => block.trim() !== '');
  return html`${blocks.map(block)}`;
}

function block(text: string): Markup {
  const lines = text.trim().split('\n');
  const bullet = /^\s*[-*] /;
  const first = lines.findIndex((line) => bullet.test(line));
  if (first < 0) return html`<p dir="auto">${inline(lines.join('\n'))}</p>`;
  const before = lines.slice(0, first).join('\n');
  const items: string[] = [];
  for (const line of lines.slice(first)) {
    if (bullet.test(line)) items.push(line.replace(bullet, ''));
    else items.push(`${items.pop() ?? ''}\n${line}`);
  }
  return html`${before === '' ? undefined : html`<p dir="auto">${inline(before)}</p>`}
    <ul>
      ${items.map((item) => html`<li dir="auto">${inline(item)}</li>`)}
    </ul>`;
}

/** Headings, bold, code, links and escapes of one paragraph; all else is text. */
function inline(text: string): Fragment {
  const heading = /^#{1,6} (.*)$/s.exec(text)?.[1];
  if (heading !== undefined) return html`<strong>${inline(heading)}</strong>`;
  const parts: Fragment[] = [];
  let end = 0;
  for (const found of text.matchAll(
    /\*\*([^*]+)\*\*|`([^`]+)`|\[([^\]]*)\]\(([^()\s]*)\)|\\([\\`*_{}[\]<>|#])/g,
  )) {
    const [whole, bold, code, name, address, character] = found;
    parts.push(text.slice(end, found.index));
    if (bold !== undefined) parts.push(html`<strong>${bold}</strong>`);
    else if (code !== undefined) parts.push(html`<code>${code}</code>`);
    else if (character !== undefined) parts.push(character);
    else parts.push(name ?? '', html` <span class="quiet">(${address ?? ''})</span>`);
    end = found.index + whole.length;
  }
  return [...parts, text.slice(end)];
}
