import { codeBlocks } from './code-blocks';

/** A block of a page that is run: once to begin, started and left running, or run to its end. */
export interface RunnableBlock {
  readonly kind: 'init' | 'start' | 'run';
  readonly text: string;
}

/** The blocks that a page marks: ```sh run, ```sh start, ```sh init. */
export function runnableBlocks(page: string): readonly RunnableBlock[] {
  return codeBlocks(page).flatMap(({ kind: marked, lines }) => {
    const [, kind] = /^sh (init|start|run)$/.exec(marked) ?? [];
    if (kind === undefined) return [];
    return [
      { kind: kind === 'init' || kind === 'start' ? kind : ('run' as const), text: lines.join('\n').trim() },
    ];
  });
}
