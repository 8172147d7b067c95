/** A block of a page that is run: once to begin, started and left running, or run to its end. */
export interface RunnableBlock {
  readonly kind: 'init' | 'start' | 'run';
  readonly text: string;
}

/** The blocks that a page marks: ```sh run, ```sh start, ```sh init. */
export function runnableBlocks(page: string): readonly RunnableBlock[] {
  return [...page.matchAll(/^```sh (init|start|run)\n([\s\S]*?)^```$/gm)].map(([, kind, text = '']) => ({
    kind: kind === 'init' || kind === 'start' ? kind : 'run',
    text: text.trim(),
  }));
}
