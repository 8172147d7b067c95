import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { codeBlocks } from './code-blocks';

const root = join(__dirname, '..', '..');

/** README.md and what is under docs/, but the decisions: they tell of their own day. */
export const pages: readonly string[] = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.startsWith('decisions'))
    .map((name) => join('docs', name))
    .sort(),
];

export const readPage = (page: string): string => readFileSync(join(root, page), 'utf8');

/** What a page tells to type. */
export interface PageCommand {
  readonly page: string;
  readonly line: number;
  /** As it stands there, on one line or more, without prompt and comment. */
  readonly text: string;
  /** Says which words there are, and is no command as it stands: `drover rollback [name] …`. */
  readonly synopsis: boolean;
}

const programs =
  'bash|chmod|cosign|cp|curl|docker|drover|dvc|export|for|gcloud|gh|git|gsutil|helm|kubectl|ls|mlflow|npm|npx|openssl|pip|promtool|psql|python3?|rm|rsync|sh|ssh|sudo|tar|temporal|tensorboard|wandb';
const begins = new RegExp(`^(\\$ )?([A-Z_]+=(<[^>]*>|\\S+) )*((${programs})( |$)|~/)`);
const shell = /^(sh|bash|console)?( (init|start|run))?$/;

const synopsis = /^(npx )?drover .*([[…|]| [A-Z]{4})/;

/** Whether a command goes on in the next line: a backslash, a quote or a loop that is open. */
const isOpen = (text: string): boolean =>
  text.endsWith('\\') ||
  (text.match(/'/g) ?? []).length % 2 === 1 ||
  (text.match(/"/g) ?? []).length % 2 === 1 ||
  (text.startsWith('for ') && !/\bdone\b/.test(text));

/** The commands of a page's blocks of code, in their order. */
export function commandsIn(page: string): readonly PageCommand[] {
  const found: PageCommand[] = [];
  for (const { kind, line: first, lines } of codeBlocks(readPage(page))) {
    if (!shell.test(kind)) continue;
    for (let at = 0; at < lines.length; at += 1) {
      if (!begins.test(lines[at] ?? '')) continue;
      const line = first + at;
      let text = bare(lines[at]);
      while (isOpen(text) && at + 1 < lines.length) text += `\n${bare(lines[(at += 1)])}`;
      text = text.replace(/^\$ /, '');
      found.push({ page, line, text, synopsis: synopsis.test(text) });
    }
  }
  return found;
}

/** A line without its comment. */
const bare = (line: string | undefined): string => (line ?? '').replace(/\s+# .*$/, '').trimEnd();

/** What a page names in its sentences and tables: `npx drover …`, as far as it is a command. */
export function namedIn(page: string): readonly PageCommand[] {
  return readPage(page)
    .split('\n')
    .flatMap((text, at) =>
      [...text.matchAll(/`((?:npx )?drover [a-z][^`]*)`/g)].map((match) => ({
        ...{ page, line: at + 1, text: (match[1] ?? '').replaceAll('\\|', '|'), synopsis: true },
      })),
    );
}
