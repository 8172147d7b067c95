import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from '@jest/globals';
import { program } from '../../../cli/main';
import { commandsOf } from '../../reference/command-page';
import { referencePages } from '../../reference/pages';
import { runnableBlocks } from '../../walks/runnable-blocks';

const root = join(__dirname, '..', '..', '..');
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.startsWith('decisions'))
    .map((name) => join('docs', name)),
];

/** The lines of a page's blocks of code that call `drover`, without their comments; a line may name two. */
function callsOf(page: string): readonly string[] {
  const lines = readFileSync(join(root, page), 'utf8').split('\n');
  return lines
    .filter((line) => /^( {4})?(npx )?drover [a-z]/.test(line))
    .map((line) => line.replace(/^ *(npx )?drover /, '').replace(/\s#.*$/, ''))
    .filter((line) => !/[\][|…]|, /.test(line));
}

/** The command that a line calls, and the flags that it gives it. */
function parsed(line: string): { readonly command: Command; readonly flags: readonly string[] } {
  const words = line.split(/\s+/);
  let command: Command = program;
  while (words[0] !== undefined) {
    const next = command.commands.find(
      (each) => each.name() === words[0] || each.aliases().includes(words[0] ?? ''),
    );
    if (!next) break;
    command = next;
    words.shift();
  }
  return {
    command,
    flags: words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.replace(/=.*/, '')),
  };
}

describe('what the pages tell to type', () => {
  it.each(pages)('%s: every command and every flag of it exists', (page) => {
    for (const line of callsOf(page)) {
      const { command, flags } = parsed(line);
      expect({ line, known: command !== program }).toEqual({ line, known: true });
      const known = new Set(command.options.flatMap(({ short, long }) => [short, long]));
      expect({ line, unknown: flags.filter((flag) => !known.has(flag)) }).toEqual({ line, unknown: [] });
    }
  });

  it('is there to be found: this looks at lines that are', () => {
    expect(pages.flatMap(callsOf).length).toBeGreaterThan(100);
  });

  it('in the tutorial begins with a project, starts once, and ends with nothing left', () => {
    const blocks = runnableBlocks(readFileSync(join(root, 'docs', 'tutorial.md'), 'utf8'));
    expect(blocks.filter(({ kind }) => kind === 'init')).toHaveLength(1);
    expect(blocks.filter(({ kind }) => kind === 'start')).toHaveLength(1);
    expect(blocks[0]?.kind).toBe('init');
    expect(blocks.at(-1)?.text).toBe('npx drover stop\nnpx drover reset --yes');
  });
});

describe('the reference', () => {
  const { commands = '', settings = '', configuration = '', requests = '' } = referencePages();

  it('has every command that help shows, with its own help', () => {
    for (const { name } of commandsOf(program)) expect(commands).toContain(`## drover ${name}\n`);
    expect(commands).toContain('--dry-run');
  });

  it('has keys with what they may be, their default and what they do', () => {
    expect(settings).toMatch(/\| `DROVER_API_PORT` +\| integer, ≥ 1, ≤ 65535 \| `8080`/);
    expect(configuration).toContain('| `sweep.run_cap` |');
    expect(configuration).toContain('| `early_terminate(hyperband).eta` |');
  });

  it('has every request with its answers', () => {
    expect(requests).toContain('## POST /get_prediction');
    expect(requests).toMatch(/\| 413 \|/);
  });
});
