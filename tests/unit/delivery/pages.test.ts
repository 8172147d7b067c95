import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from '@jest/globals';
import { program } from '../../../cli/main';
import { commandsOf } from '../../reference/command-page';
import { referencePages } from '../../reference/pages';
import { commandsIn, namedIn, pages, readPage } from '../../walks/page-commands';
import { runnableBlocks } from '../../walks/runnable-blocks';

const root = join(__dirname, '..', '..', '..');

/** What a page's code, sentences and tables call `drover` with; of a synopsis its words, without the brackets about them. */
const callsOf = (page: string): readonly string[] =>
  [...commandsIn(page), ...namedIn(page)]
    .map(({ text }) => text.replaceAll(/[[\]]/g, ''))
    .filter((text) => /^(npx )?drover [a-z]/.test(text))
    .map((text) => text.replace(/^(npx )?drover /, ''));

/** The command that a line calls, and the flags that it gives it. */
function parsed(line: string): { readonly command: Command; readonly flags: readonly string[] } {
  // Of several that a line names, `approve | reject`, the first.
  const words = line.split(/\s+/).map((word) => word.replace(/(?<=\w)\|.*/, ''));
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
    expect(pages.flatMap(callsOf).length).toBeGreaterThan(300);
  });

  it('in the tutorial begins with a project, starts once, and ends with nothing left', () => {
    const blocks = runnableBlocks(readPage('docs/tutorial.md'));
    expect(blocks.filter(({ kind }) => kind === 'init')).toHaveLength(1);
    expect(blocks.filter(({ kind }) => kind === 'start')).toHaveLength(1);
    expect(blocks[0]?.kind).toBe('init');
    expect(blocks.at(-1)?.text).toBe('npx drover stop\nnpx drover reset --yes');
  });
});

describe('the links of the pages', () => {
  it('lead to files and headings that are there', () => {
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'site', 'stage.mjs')], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
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
