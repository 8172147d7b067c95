import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from '../contracts/schemas/settings';
import { openStore } from '../lib/storage/open-store';
import type { Console } from './display/console';
import { duration } from './display/format';
import { championOf } from './make-champion';
import { lastComplaint } from './processes/log-files';
import { servingSummary } from './serving-summary';
import { addresses } from './settings';

/** Milliseconds after which an API that does not answer yet is explained by its log. */
const slow = 20_000;

/** Waits until the API answers with the champion, and says how to use it. */
export async function serve(
  settings: Settings,
  out: Console,
  began: number,
  signal: AbortSignal,
): Promise<void> {
  const champion = await championOf(settings);
  const { api, ui } = addresses(settings);
  out.draw([`  ${out.colours.cyan('▸')} waiting for the API`]);
  await untilAnswers(`${api}/${champion ? 'readyz' : 'healthz'}`, signal, async () => {
    const complaint = await lastComplaint(settings.home, 'api');
    out.say(
      out.colours.yellow(
        `The API does not answer${champion ? ' with the champion' : ''} yet.` +
          `${complaint === undefined ? '' : ` It last said: ${complaint}`} See: npx drover logs api`,
      ),
    );
  });
  out.settle(false);
  if (!champion) {
    out.say(
      `There is no champion of ${settings.model} yet. API ${api}${ui === undefined ? '' : `, workflows ${ui}`}`,
    );
    return;
  }
  const store = openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
  for (const line of await servingSummary(settings, store, champion, out.colours)) out.say(line);
  out.say();
  out.say(out.colours.dim(`Serving after ${duration(Date.now() - began)}. Ctrl-C ends everything.`));
}

/** @param onSlow - called once, where it takes longer than `patience` milliseconds */
export async function untilAnswers(
  url: string,
  signal: AbortSignal,
  onSlow: () => Promise<void>,
  patience = slow,
): Promise<void> {
  const late = Date.now() + patience;
  for (let told = false; ;) {
    signal.throwIfAborted();
    const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(2000)]) }).catch(
      () => undefined,
    );
    await answer?.body?.cancel();
    if (answer?.ok === true) return;
    if (!told && Date.now() >= late) {
      told = true;
      await onSlow();
    }
    await sleep(200, undefined, { signal });
  }
}
