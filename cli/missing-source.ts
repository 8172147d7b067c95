import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../contracts/failures';

/**
 * A source that the workers refuse as outside of what they may read may be mistyped. They don't say of a path that is closed to
 * them whether anything is there; this machine may.
 *
 * @param overrides - of the pipeline, as typed
 * @returns the failure that says so; undefined for any other error, and where something is there
 */
export async function missingSource(
  error: unknown,
  overrides: readonly string[],
  project: string,
): Promise<Failure | undefined> {
  if (!(error instanceof Failure) || error.type !== 'path-refused') return undefined;
  const typed = overrides.findLast((each) => each.startsWith('source.uri='))?.slice('source.uri='.length);
  if (typed === undefined || /^(?!file:)[a-z][a-z0-9+.-]*:\/\//i.test(typed)) return undefined;
  try {
    const path = resolve(project, /^file:/i.test(typed) ? fileURLToPath(typed) : typed);
    if ((await stat(path).catch(() => undefined)) !== undefined) return undefined;
    return new Failure('source-invalid', `There is no ${path} on this machine. ${error.message}`, {
      cause: error,
    });
  } catch {
    // No address of a file: the workers have said so.
    return undefined;
  }
}
