import pc from 'picocolors';
import { Failure } from '../contracts/failures';

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
    // Some messages begin with the title already, for readers who see nothing else.
    const message = error.message.startsWith(error.title)
      ? error.message.slice(error.title.length).replace(/^[:.]\s*/, '')
      : error.message;
    say(`${pc.red(pc.bold(`✗ ${error.title}.`))} ${message}`);
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
