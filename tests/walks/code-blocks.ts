/** A block of code of a page: between fences, or indented by four spaces. */
export interface CodeBlock {
  /** What stands behind the opening fence, such as `sh run`; nothing where the block is indented. */
  readonly kind: string;
  /** Of its first line in the page, from 1. */
  readonly line: number;
  readonly lines: readonly string[];
}

const fence = /^ *```(.*)$/;
const indent = /^ {4}/;

/** The blocks of code of a page of Markdown, from its top to its end. */
export function codeBlocks(page: string): readonly CodeBlock[] {
  const lines = page.split('\n');
  const blocks: CodeBlock[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const kind = fence.exec(lines[at] ?? '')?.[1];
    const from = kind === undefined ? at : at + 1;
    const inside = (line: string | undefined) =>
      line !== undefined && (kind === undefined ? indent.test(line) : !fence.test(line));
    let end = from;
    while (inside(lines[end])) end += 1;
    if (kind === undefined && end === from) continue;
    const body = lines.slice(from, end);
    blocks.push({
      kind: kind?.trim() ?? '',
      line: from + 1,
      lines: kind === undefined ? body.map((line) => line.replace(indent, '')) : body,
    });
    at = kind === undefined ? end - 1 : end;
  }
  return blocks;
}
