import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Failure } from '../contracts/failures';
import { readSettings } from '../contracts/schemas/settings';
import { ensureNative } from './ensure';
import { partTitles } from './parts';
import type { SetupProgress } from './progress';

/** Says on the error output what takes time, so that the answers of `temporal` stay clean. */
function report({ part, phase }: SetupProgress): void {
  if (phase === said || phase === 'ready') return;
  said = phase;
  process.stderr.write(`${partTitles[part]}: ${phase}\n`);
}

let said = '';

async function main(): Promise<number> {
  const { cache } = readSettings(process.env, process.cwd());
  const { temporal } = await ensureNative(['temporal'], { cache, report });
  if (temporal === undefined) return 1;
  const child = spawn(temporal, process.argv.slice(2), { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
    process.on(signal, () => {
      // A terminal gives Ctrl-C to both processes; a second one would cut the server's shutdown short.
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`${error.title}. ${error.message}\n`);
    process.exitCode = 1;
  },
);
