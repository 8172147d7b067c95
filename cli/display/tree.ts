/** A line, and the lines that hang on it. */
export interface Branch {
  readonly text: string;
  readonly branches?: readonly Branch[];
}

/** A tree as lines: what hangs on a line is indented below it, and joined to it. */
export function treeLines({ text, branches = [] }: Branch): string[] {
  return [
    text,
    ...branches.flatMap((branch, index) => {
      const isLast = index === branches.length - 1;
      const [first = '', ...rest] = treeLines(branch);
      return [`${isLast ? '└─' : '├─'} ${first}`, ...rest.map((line) => `${isLast ? '  ' : '│ '} ${line}`)];
    }),
  ];
}
