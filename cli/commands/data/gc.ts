import { Failure } from '../../../contracts/failures';
import {
  findGarbage,
  garbageKinds,
  removeGarbage,
  type Garbage,
  type GarbageKind,
} from '../../../lib/data/gc';
import { shortVersion } from '../../../lib/data/versions';
import { createRegistry } from '../../../lib/registry/registry';
import { type Console, silent } from '../../display/console';
import { counted } from '../../display/dataset';
import { bytes } from '../../display/format';
import { Steps } from '../../display/steps';
import { table } from '../../display/table';
import type { Outside, SettingFlags } from '../../settings';
import { registeredModels } from './lineage';
import { openData } from './wished-version';

export interface GcFlags extends SettingFlags {
  readonly keep?: string;
  readonly grace?: string;
  readonly yes?: boolean;
  readonly ignoreWork?: boolean;
  readonly json?: boolean;
}

const words: Readonly<Record<GarbageKind, string>> = {
  pictures: 'pictures that no version holds',
  prepared: 'prepared pictures that nothing names',
  versions: 'manifests, findings and cards of versions',
  sources: 'lists of what sources held, and what was found of pictures',
  memos: 'memos of what goes',
};

const mostVersions = 10;

/** Says what nothing needs any more, and with `--yes` removes it. */
export async function gc(flags: GcFlags, outside: Outside, out: Console, signal: AbortSignal): Promise<void> {
  const { store } = openData(flags, outside);
  const registry = createRegistry(store);
  const wish = {
    keep: keepOf(flags.keep),
    graceMs: graceOf(flags.grace ?? '7d'),
    models: () => registeredModels(registry),
    now: new Date(),
    ignoreWork: flags.ignoreWork === true,
  };
  const steps = new Steps(flags.json === true ? silent(out) : out);
  const looking = {
    signal,
    onLook: (objects: number) =>
      steps.report('look', undefined, `${objects.toLocaleString('en-US')} objects`),
  };
  if (flags.yes !== true) {
    const garbage = await findGarbage(store, wish, looking).finally(() => steps.end());
    if (flags.json === true) out.say(JSON.stringify({ removed: false, ...garbage }, null, 2));
    else sayGarbage(garbage, 'Would remove', out);
    if (flags.json !== true && garbage.objects > 0) {
      const keep = flags.keep === undefined ? '' : ` --keep ${flags.keep}`;
      const grace = flags.grace === undefined ? '' : ` --grace ${flags.grace}`;
      out.say();
      out.say(`Nothing was removed yet. Remove it: npx drover data gc${keep}${grace} --yes`);
    }
    return;
  }
  const garbage = await removeGarbage(
    store,
    wish,
    (done, total) => steps.report('clean', { done, total, unit: 'objects' }),
    looking,
  ).finally(() => steps.end());
  if (flags.json === true) {
    out.say(JSON.stringify({ removed: true, ...garbage }, null, 2));
    return;
  }
  sayGarbage(garbage, garbage.whole ? 'Removed' : 'Removed a part of', out);
  if (!garbage.whole)
    out.say('One cleaning takes 45 minutes at most. The same command goes on with the rest.');
}

function keepOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Failure('start-refused', '--keep takes how many versions of each dataset to keep: 1 or more.');
}

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `90s`, `30m`, `12h`, `7d` or `0`. */
function graceOf(text: string): number {
  const [, number, unit] = /^(\d{1,5})([smhd])$/.exec(text) ?? [];
  if (number !== undefined && unit !== undefined) return Number(number) * (units[unit] ?? 0);
  if (text === '0') return 0;
  throw new Failure('start-refused', '--grace takes a time such as 12h or 7d, or 0.');
}

function sayGarbage({ versions, kinds, objects, bytes: size }: Garbage, verb: string, out: Console): void {
  if (objects === 0 && versions.length === 0) {
    out.say('There is nothing to remove: every object of the datasets is needed.');
    return;
  }
  out.say(`${verb} ${counted(objects, 'object')}, ${bytes(size)}:`);
  const rows = garbageKinds
    .filter((kind) => kinds[kind].objects > 0)
    .map((kind) => [kinds[kind].objects.toLocaleString('en-US'), bytes(kinds[kind].bytes), words[kind]]);
  const [, ...lines] = table(['', '', ''], rows, new Set([0, 1]));
  for (const line of lines) out.say(`  ${line}`);
  if (versions.length === 0) return;
  out.say(`${counted(versions.length, 'version')} of datasets:`);
  for (const { name, version, pictures } of versions.slice(0, mostVersions)) {
    out.say(`  ${name}@${shortVersion(version)}  ${counted(pictures, 'picture')}`);
  }
  if (versions.length > mostVersions) out.say(`  … and ${versions.length - mostVersions} more`);
}
