import { userInfo } from 'node:os';
import type { Environment } from './settings';

/**
 * Who a decision is written down as, where `--by` doesn't say.
 *
 * @param ofSystem - it throws where the user's number has no name, as in Drover's own images
 */
export function whoAsks(
  environment: Environment,
  ofSystem: () => { readonly username: string } = userInfo,
): string {
  try {
    return ofSystem().username;
  } catch {
    return environment['USER'] || environment['LOGNAME'] || `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
