import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../contracts/failures';
import type { Console } from '../display/console';
import { pad } from '../display/format';
import { lastLines, logFolder, logNames, logPath } from '../processes/log-files';
import { type Outside, type SettingFlags, settingsOf } from '../settings';

export interface LogFlags extends SettingFlags {
  readonly follow?: boolean;
  readonly lines: string;
}

/** The last lines of one process's log, or of all; `--follow` goes on until Ctrl-C. */
export async function logs(
  name: string | undefined,
  flags: LogFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const { home } = settingsOf(flags, outside);
  const names = await logNames(home);
  if (names.length === 0) {
    out.say(`There are no logs in ${logFolder(home)} yet.`);
    return;
  }
  if (name !== undefined && !names.includes(name)) {
    throw new Failure('not-found', `There is no log of that name; there are ${names.join(', ')}.`);
  }
  const shown = name === undefined ? names : [name];
  const count = Math.max(0, Math.floor(Number(flags.lines)) || 0);
  const width = Math.max(...shown.map((each) => each.length));
  const print = (from: string, line: string): void =>
    out.say(shown.length === 1 ? line : `${out.colours.dim(pad(from, width))}  ${line}`);
  for (const each of shown) {
    for (const line of count > 0 ? await lastLines(logPath(home, each), count) : []) print(each, line);
  }
  if (flags.follow)
    await Promise.all(shown.map((each) => followFile(logPath(home, each), (line) => print(each, line))));
}

/** Each line that is appended from now on; a file that was rotated is read from its start. */
async function followFile(path: string, print: (line: string) => void): Promise<never> {
  let position: number | undefined;
  let rest = '';
  for (;;) {
    const file = await open(path, 'r').catch(() => undefined);
    if (file) {
      const { size } = await file.stat();
      position ??= size;
      if (size < position) position = 0;
      if (size > position) {
        const length = Math.min(size - position, 1_000_000);
        const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
        position += bytesRead;
        const lines = (rest + buffer.subarray(0, bytesRead).toString('utf8')).split('\n');
        rest = lines.pop() ?? '';
        lines.forEach(print);
      }
      await file.close();
    }
    await sleep(300);
  }
}
