/**
 * The system's code of an error (`ENOENT`), or undefined where this is no error of the system's. Not by
 * `instanceof`: under Jest, Node's own errors are of another realm's class.
 */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
