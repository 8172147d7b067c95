import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { Failure } from '../../contracts/failures';
import type { AddedTrial, ExtendedBest, sweepMessages } from '../../contracts/messages';
import type { Console } from '../display/console';
import { resultLines } from '../display/result';
import { type Outside, type SettingFlags, settingsOf } from '../settings';
import { connect, withClient } from '../temporal/connect';
import { follow } from '../temporal/follow';
import { noSuchSweep, requireSweep } from '../temporal/require-sweep';
import { theRunningSweep } from '../temporal/running-sweeps';
import { yamlValue } from '../yaml-value';

export interface SweepFlags extends SettingFlags {
  /** Of the sweep; without one, the only one that runs. */
  readonly id?: string;
}

export interface SweepCall {
  readonly flags: SweepFlags;
  readonly outside: Outside;
  readonly out: Console;
}

type UpdateName = (typeof sweepMessages)[keyof typeof sweepMessages];

/** What is asked of a running sweep, and what to say once it has agreed. */
interface Wish {
  readonly update: UpdateName;
  readonly args?: [unknown];
  readonly done: (answer: unknown, sweep: string) => string;
}

export const wishes = {
  pause: (): Wish => ({
    update: 'pause',
    done: (_, sweep) => `${sweep} begins nothing new until \`drover sweep resume\`; what runs goes on.`,
  }),
  resume: (): Wish => ({ update: 'resume', done: (_, sweep) => `${sweep} goes on.` }),
  stop: (now: boolean): Wish => ({
    update: 'stop',
    args: [{ when: now ? 'now' : 'idle' }],
    done: (_, sweep) =>
      now
        ? `${sweep} ends with what it has; the trials under way are stopped.`
        : `${sweep} ends when the trials under way have ended.`,
  }),
  add: (words: readonly string[]): Wish => ({
    update: 'addTrial',
    args: [parametersOf(words)],
    done: (answer, sweep) => `${sweep} tries it${aheadText(answer)}.`,
  }),
  kill: (trial: string): Wish => ({
    update: 'killTrial',
    args: [wholeNumber('a trial', trial)],
    done: (_, sweep) => `Trial ${trial} of ${sweep} is stopped.`,
  }),
  retry: (): Wish => ({
    update: 'retryFailed',
    done: (answer, sweep) =>
      answer === 0
        ? `No trial of ${sweep} has failed.`
        : `${sweep} tries ${String(answer)} failed trials again.`,
  }),
  extend: (epochs: string): Wish => ({
    update: 'extendBest',
    args: [{ epochs: wholeNumber('epochs', epochs) }],
    done: (answer, sweep) =>
      `${sweep} trains ${bestText(answer)} for ${epochs} epochs${aheadText(answer)}, from the start: ` +
      'a run that has ended keeps no checkpoint.',
  }),
  parallelism: (count: string): Wish => ({
    update: 'setParallelism',
    args: [wholeNumber('parallelism', count)],
    done: (_, sweep) => `${sweep} has at most ${count} trials under way.`,
  }),
  cap: (count: string): Wish => ({
    update: 'setRunCap',
    args: [wholeNumber('run_cap', count)],
    done: (_, sweep) => `${sweep} begins ${count} trials in all.`,
  }),
} as const;

/**
 * Asks something of a running sweep, and waits until it has agreed.
 *
 * @throws Failure `not-found` where no such sweep runs; `sweep-refused` with the sweep's own words.
 */
export async function steer(wish: Wish, { flags, outside, out }: SweepCall): Promise<void> {
  await withClient(await connect(settingsOf(flags, outside)), async (client) => {
    const sweep = await named(client, flags.id);
    try {
      const handle = client.workflow.getHandle(sweep);
      const answer = await onceItListens(sweep, () =>
        wish.args
          ? handle.executeUpdate<unknown, [unknown]>(wish.update, { args: wish.args })
          : handle.executeUpdate<unknown, []>(wish.update),
      );
      out.say(wish.done(answer, sweep));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw noSuchSweep(sweep, error);
      if (!(error instanceof WorkflowUpdateFailedError)) throw error;
      throw new Failure('sweep-refused', error.cause?.message ?? error.message, { cause: error });
    }
  });
}

const startsWithin = 30_000;

/** A sweep that was started a moment ago reads its configuration before it takes anything. */
async function onceItListens(sweep: string, ask: () => Promise<unknown>): Promise<unknown> {
  for (const deadline = Date.now() + startsWithin; ;) {
    try {
      return await ask();
    } catch (error) {
      const isEarly =
        error instanceof WorkflowUpdateFailedError &&
        error.cause?.message.startsWith('No registered handler for update') === true;
      if (!isEarly) throw error;
      if (Date.now() > deadline) {
        throw new Failure(
          'sweep-refused',
          `${sweep} still prepares its pictures, and takes nothing before its first trial. Ask again then, or cancel it: npx temporal workflow cancel -w ${sweep}`,
          { cause: error },
        );
      }
      await sleep(200);
    }
  }
}

/** Shows a running sweep until it has ended, then its result. Ctrl-C ends the watching alone. */
export async function watchSweep({ flags, outside, out }: SweepCall, signal: AbortSignal): Promise<void> {
  await withClient(await connect(settingsOf(flags, outside)), async (client) => {
    const sweep = await named(client, flags.id);
    const result = await follow(client, client.workflow.getHandle(sweep), 'sweep', out, signal);
    for (const line of ['', ...resultLines('sweep', result, out.colours)]) out.say(line);
  });
}

/** The sweep of that id; without one, the only one that runs. */
async function named(client: Client, id: string | undefined): Promise<string> {
  if (id !== undefined) {
    await requireSweep(id, (each) => typeOf(client, each));
    return id;
  }
  const sweep = await theRunningSweep(client, 'with --id');
  if (sweep === undefined) throw new Failure('not-found', 'No sweep runs. Start one: npx drover run sweep.');
  return sweep;
}

async function typeOf(client: Client, id: string): Promise<string | undefined> {
  try {
    return (await client.workflow.getHandle(id).describe()).type;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** `lr=0.001 network.dense=64`, values as YAML has them. */
function parametersOf(words: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name, value] = /^([A-Za-z_][\w.-]*)=(.+)$/s.exec(word) ?? [];
      if (name === undefined || value === undefined) {
        throw new Failure(
          'request-invalid',
          `Expected parameters as key=value, such as lr=0.001; found ${word}.`,
        );
      }
      return [name, yamlValue(name, value)];
    }),
  );
}

function wholeNumber(what: string, typed: string): number {
  if (/^\d{1,9}$/.test(typed) && Number(typed) >= 1) return Number(typed);
  throw new Failure('request-invalid', `Expected ${what} as a whole number from 1, found ${typed}.`);
}

function bestText(answer: unknown): string {
  const trial = (answer as Partial<ExtendedBest> | undefined)?.trial;
  return trial === undefined ? 'its best' : `the parameters of trial ${trial}, its best,`;
}

function aheadText(answer: unknown): string {
  // The update's own type says so; an older sweep could answer anything.
  const ahead = (answer as Partial<AddedTrial> | undefined)?.ahead ?? 0;
  return ahead > 0 ? `, after ${ahead} that were asked for before` : ' next';
}
