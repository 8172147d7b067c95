import { spawn } from 'node:child_process';

export interface CommandResult {
  /** Undefined where there is no such command on this machine. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** Variables set on top of the environment. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

const kept = 64 * 1024;

/**
 * Runs a command to its end, with no shell and no input; the last 64 KiB of each output are kept.
 *
 * @throws AbortError where `signal` ended it.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  // `env` adds to the environment without this file having to read it.
  const assignments = Object.entries(options.variables ?? {}).map(([name, value]) => `${name}=${value}`);
  const child = spawn('env', [...assignments, command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.environment === undefined ? {} : { env: options.environment }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout = (stdout + text).slice(-kept);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-kept);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, killer) => {
      if (code === 127) resolve({ code: undefined, stdout, stderr });
      else
        resolve({
          code: code ?? 1,
          stdout,
          stderr: killer === null ? stderr : `${stderr}\nended by ${killer}`,
        });
    });
  });
}
