import { setCurrentDetails } from '@temporalio/workflow';

/** The server refuses more than 20 KB, and a workflow task that sets more would fail for ever. */
const mostBytes = 18_000;

/** Temporal's UI sets a table's cells side by side with nothing between: each ends with spaces that stay. */
const gap = '\u00a0\u00a0';

/** Puts Markdown where Temporal's UI shows it beside the workflow, as much of it as there is room for. */
export function showDetails(markdown: string): void {
  setCurrentDetails(forUi(markdown));
}

export function forUi(markdown: string): string {
  const shown: string[] = [];
  let bytes = 0;
  for (const line of markdown.split('\n')) {
    const isRow = line.startsWith('|') && !/^\|[\s:|-]+\|$/.test(line);
    const spaced = isRow ? line.replaceAll(' |', `${gap} |`) : line;
    bytes += utf8Bytes(spaced) + 1;
    if (bytes > mostBytes) return [...shown, '', '… and more than fits here.'].join('\n');
    shown.push(spaced);
  }
  return shown.join('\n');
}

/** Workflow code has no Buffer. */
function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
