import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const drover = resolve('bin', 'drover.js');

/**
 * A user's terminal in one folder: it prints each command and what came of it, as a page of Markdown. A command that ends otherwise
 * than it should ends the walk.
 */
export class Terminal {
  constructor(
    private readonly folder: string,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly write: (text: string) => void,
    /** What is of this machine in the output, and what a reader would have there. */
    private readonly usual: ReadonlyMap<string, string> = new Map(),
  ) {}

  say(text: string): void {
    this.write(`\n${text}\n`);
  }

  /** `npx drover` with these words; `code` is how it has to end. */
  async drover(words: readonly string[], code = 0): Promise<void> {
    const shown = words.map((word) => (/[\s'"]/.test(word) ? `"${word}"` : word)).join(' ');
    this.write(`\n    $ npx drover ${shown}\n`);
    const child = spawn(process.execPath, [drover, ...words], {
      cwd: this.folder,
      env: { ...process.env, NO_COLOR: '1', ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    const hear = (chunk: Buffer) => (text += chunk.toString('utf8'));
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    await once(child, 'close');
    let kept = text.trimEnd();
    for (const [own, usual] of this.usual) kept = kept.replaceAll(own, usual);
    this.write(kept === '' ? '' : `${kept.replaceAll(/^(?=.)/gm, '    ')}\n`);
    if (child.exitCode !== code)
      throw new Error(`That ended with ${child.exitCode}, and should with ${code}.`);
  }
}
