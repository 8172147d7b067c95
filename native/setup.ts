import pc from 'picocolors';
import { Failure } from '../contracts/failures';
import { readSettings } from '../contracts/schemas/settings';
import { ensureNative } from './ensure';
import { readableBytes } from './mend';
import { type PartName, partNames, partTitles } from './parts';
import type { SetupPhase, SetupProgress } from './progress';

const verbs: Readonly<Record<SetupPhase, string>> = {
  waiting: 'waiting for another set-up',
  download: 'downloading',
  unpack: 'unpacking',
  compile: 'compiling',
  ready: 'ready',
};

const width = 28;

function describe(event: SetupProgress): string {
  const title = partTitles[event.part].padEnd(22);
  if (event.done === undefined || event.total === undefined) return `${title}${verbs[event.phase]}`;
  const share = Math.min(1, event.done / event.total);
  const full = Math.round(share * width);
  const bar = pc.green('━'.repeat(full)) + pc.dim('━'.repeat(width - full));
  const percent = `${Math.floor(share * 100)} %`.padStart(5);
  return `${title}${verbs[event.phase].padEnd(12)}${bar}${percent} of ${readableBytes(event.total)}`;
}

/** One line that is rewritten on a terminal; elsewhere a line for each phase. */
function reporter(output: NodeJS.WriteStream): (event: SetupProgress) => void {
  let last = '';
  return (event) => {
    const step = `${event.part} ${event.phase}`;
    if (output.isTTY) {
      const newLine = last !== '' && !last.startsWith(`${event.part} `) ? '\n' : '\r\x1b[2K';
      output.write(newLine + describe(event));
    } else if (step !== last) {
      output.write(`${partTitles[event.part]}: ${verbs[event.phase]}\n`);
    }
    last = step;
  };
}

function isPartName(text: string): text is PartName {
  return partNames.some((name) => name === text);
}

async function main(): Promise<number> {
  const asked = process.argv.slice(2);
  const unknown = asked.find((text) => !isPartName(text));
  if (unknown !== undefined) {
    process.stderr.write(`There is no part ${unknown}. The parts are: ${partNames.join(', ')}\n`);
    return 2;
  }
  const parts: readonly PartName[] =
    asked.length === 0 ? ['temporal', 'tensorflow'] : asked.filter(isPartName);
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      abort.abort();
    });
  }
  try {
    const { cache, device } = readSettings(process.env, process.cwd());
    const paths = await ensureNative(parts, {
      cache,
      device,
      announce: (message) => process.stdout.write(`${message}\n`),
      report: reporter(process.stdout),
      signal: abort.signal,
    });
    if (process.stdout.isTTY) process.stdout.write('\n');
    if (parts.includes('bucket-emulator') && paths.bucketEmulator === undefined) {
      process.stdout.write(`${partTitles['bucket-emulator']}: left out, as there is no Go to compile it\n`);
    }
    return 0;
  } catch (error) {
    if (process.stdout.isTTY) process.stdout.write('\n');
    if (abort.signal.aborted) return 130;
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`${pc.red(error.title)}. ${error.message}\n`);
    return 1;
  }
}

void main().then((code) => {
  process.exitCode = code;
});
