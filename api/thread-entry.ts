import { extname, join } from 'node:path';

/** What a `Worker` is started with. */
export interface ThreadEntry {
  readonly file: string;
  /** Whether `file` is code and no path. */
  readonly eval: boolean;
}

/**
 * A module to run as a thread. From a checkout the sources run as they are, and a thread needs what understands them, as its process does.
 *
 * @param folder - The caller's `__dirname`.
 * @param name - The module's, without its extension.
 */
export function threadEntry(folder: string, name: string): ThreadEntry {
  const source = extname(__filename) === '.ts';
  const file = join(folder, `${name}${source ? '.ts' : '.js'}`);
  if (!source) return { file, eval: false };
  const loader = require.resolve('tsx/cjs');
  return { file: `require(${JSON.stringify(loader)});require(${JSON.stringify(file)});`, eval: true };
}
