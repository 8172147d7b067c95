import pc from 'picocolors';
import { Failure } from '../contracts/failures';
import { failureText } from './failure-text';

/**
 * Says what went wrong, in one line and what the failure itself has to say; the stack only where
 * `DROVER_LOG_LEVEL=debug` asks for it.
 *
 * @returns the exit code.
 */
export function reportError(
  error: unknown,
  environment: Readonly<Record<string, string | undefined>>,
  say: (line: string) => void,
): number {
  const debug = environment['DROVER_LOG_LEVEL'] === 'debug';
  if (error instanceof Failure) {
    const { title, said } = failureText(error);
    // A list stands below its title as a whole.
    say(`${pc.red(pc.bold(`✗ ${title}`))}${said.includes('\n') ? '\n' : ' '}${said}`);
  } else {
    const message = error instanceof Error ? error.message : String(error);
    say(`${pc.red(pc.bold('✗ This is a defect in Drover.'))} ${message}`);
    if (!debug) say('  DROVER_LOG_LEVEL=debug shows where it happened.');
  }
  if (debug) say(traceOf(error));
  return 1;
}

function traceOf(error: unknown): string {
  const traces: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) traces.push(at.stack ?? at.message);
  return traces.join('\ncaused by: ');
}
