import { findNative } from '../../native/find';
import type { PartName } from '../../native/parts';
import { readSettings } from '../../contracts/schemas/settings';

/** The path of a native part, which `npm test` sets up before Jest starts. */
export function nativePart(part: PartName): string {
  const path = findNative(part, readSettings(process.env, process.cwd()).cache);
  if (path === undefined)
    throw new Error(
      `${part} is not set up here. \`npm test\` sets up all that the tests need, then runs them.`,
    );
  return path;
}
