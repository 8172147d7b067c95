import { lstat, readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Failure } from '../../contracts/failures';
import type { Settings } from '../../contracts/schemas/settings';
import type { Console } from '../display/console';
import { bytes, pad } from '../display/format';
import { endLeftovers } from '../processes/leftovers';
import { type Outside, type SettingFlags, settingsOf } from '../settings';
import { requireStopped } from './stop';

export interface ResetFlags extends SettingFlags {
  readonly yes?: boolean;
  readonly keepData?: boolean;
}

interface Loss {
  readonly path: string;
  readonly what: string;
  readonly size: number;
}

/** Removes what Drover itself put into its home, after saying what that is and being told to. */
export async function reset(flags: ResetFlags, outside: Outside, out: Console): Promise<void> {
  const settings = settingsOf(flags, outside);
  await requireStopped(settings.home);
  const losses = await lossesOf(settings, flags.keepData === true);
  if (losses.length === 0) {
    out.say(`There is nothing of Drover's in ${settings.home}.`);
    return;
  }
  out.say('This will be removed for good:');
  for (const { path, what, size } of losses) {
    out.say(`  ${pad(relative(settings.project, path) || path, 28)}  ${pad(bytes(size), 8)}  ${what}`);
  }
  const inside = settings.store.startsWith(`${settings.home}/`);
  if (!inside && !flags.keepData) out.say(`The store ${settings.store} lies elsewhere and stays as it is.`);
  if (flags.yes !== true && !(await confirmed())) {
    out.say('Nothing was removed.');
    return;
  }
  await endLeftovers(settings.home);
  for (const { path } of losses) await rm(path, { recursive: true, force: true });
  out.say('Removed.');
}

/** Only names that Drover makes: a home that was set to the wrong folder must not take that with it. */
const owned: readonly { readonly name: RegExp; readonly what: string; readonly data?: boolean }[] = [
  { name: /^store$/, what: 'pictures, runs, models', data: true },
  { name: /^spool$/, what: 'answers of the API that are not in the store yet', data: true },
  { name: /^temporal\.db(-shm|-wal|-journal)?$/, what: 'workflows and their histories' },
  { name: /^logs$/, what: 'logs' },
  { name: /^scratch$/, what: 'unfinished work' },
  { name: /^example-[^/]*\.(png|jpe?g|webp|gif|avif|tiff?)$/, what: 'a picture to try the API with' },
  { name: /^(processes\.json(\.\d+\.tmp)?|start\.lock)$/, what: 'the list of processes' },
];

async function lossesOf(settings: Settings, keepData: boolean): Promise<Loss[]> {
  const names = await readdir(settings.home).catch(() => []);
  const losses: Loss[] = [];
  for (const name of names.sort()) {
    const entry = owned.find((each) => each.name.test(name));
    if (!entry || (entry.data === true && keepData)) continue;
    const path = join(settings.home, name);
    losses.push({ path, what: entry.what, size: await sizeOf(path) });
  }
  return losses;
}

async function sizeOf(path: string): Promise<number> {
  const entry = await lstat(path);
  if (!entry.isDirectory()) return entry.size;
  const sizes = await Promise.all((await readdir(path)).map((name) => sizeOf(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function confirmed(): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new Failure(
      'start-refused',
      'Nobody is there to ask; `drover reset --yes` removes it without asking.',
    );
  }
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await prompt.question('Remove it? [y/N] ');
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}
