import type { Settings } from '../contracts/schemas/settings';
import { type NativePaths, ensureNative } from '../native/ensure';
import { type PartName, partTitles } from '../native/parts';
import type { SetupPhase, SetupProgress } from '../native/progress';
import type { Console } from './display/console';
import { pad } from './display/format';
import { Rates } from './display/rate';
import { amountLine } from './display/render';

const verbs: Readonly<Record<SetupPhase, string>> = {
  waiting: 'waiting for another set-up of it',
  download: 'downloading',
  unpack: 'unpacking',
  compile: 'compiling',
  ready: 'ready',
};

/** Brings what npm can't, with a progress bar a part; shows nothing where nothing is missing. */
export async function setUpNative(
  parts: readonly PartName[],
  { cache, device }: Pick<Settings, 'cache' | 'device'>,
  out: Console,
  signal: AbortSignal,
): Promise<NativePaths> {
  const rates = new Rates();
  const lines = new Map<PartName, string>();
  let last = '';
  const report = (event: SetupProgress): void => {
    const { part, phase, done, total } = event;
    if (phase === 'ready' && !lines.has(part)) return;
    const name = pad(partTitles[part], 11);
    if (out.live) {
      const rate = done === undefined ? undefined : rates.add(`${part} ${phase}`, Date.now(), done);
      const amount =
        done === undefined || total === undefined
          ? undefined
          : { done, total, unit: 'bytes', ...(rate === undefined ? {} : { rate }) };
      const mark = phase === 'ready' ? out.colours.green('✓') : out.colours.cyan('▸');
      const options = { width: out.width, colours: out.colours };
      lines.set(part, amountLine(name, amount, verbs[phase], options, mark, undefined));
      out.draw([...lines.values()]);
    } else if (`${part} ${phase}` !== last) {
      lines.set(part, phase);
      out.say(`${partTitles[part]}: ${verbs[phase]}`);
    }
    last = `${part} ${phase}`;
  };
  try {
    return await ensureNative(parts, {
      cache,
      device,
      announce: (message) => out.say(message),
      report,
      signal,
    });
  } finally {
    out.settle();
  }
}
