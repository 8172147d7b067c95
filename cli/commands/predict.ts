import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { errorCode } from '../../contracts/error-code';
import { Failure, isFailureType } from '../../contracts/failures';
import { createClient, type Client, type Prediction } from '../../lib/client/client';
import { ProblemError, type Problem } from '../../lib/client/problem-error';
import { readApiKey } from '../api-key-file';
import { type Console, silent } from '../display/console';
import { count, counted, plainText } from '../display/dataset';
import { percent } from '../display/format';
import { Steps } from '../display/steps';
import { table } from '../display/table';
import { picturesToSend } from '../pictures-to-send';
import { runningLedger } from '../processes/leftovers';
import { countOf } from '../rehearse';
import { addresses, settingsOf, type Outside, type SettingFlags } from '../settings';

export interface PredictFlags extends SettingFlags {
  readonly url?: string;
  readonly top?: string;
  readonly json?: boolean;
  readonly apiKeyFile?: string;
}

/** What became of one file. */
interface Outcome {
  readonly file: string;
  readonly prediction?: Prediction;
  readonly problem?: Problem;
}

/** Requests at once: enough that every thread of a service has a next picture, few enough to leave room for others. */
const atOnce = 8;
/** Of one picture: a folder of them soon meets a service's limit, and has time. */
const tries = 12;
const usualTop = 3;
const mostTop = 1000;

/** Statuses that concern the one picture; with any other the next file would fare no better. */
const ofOnePicture: ReadonlySet<number> = new Set([400, 413, 415, 500]);

/**
 * Sends files to the API and prints what is in them.
 *
 * @param typed - Files, folders, patterns.
 * @returns whether all of them were answered.
 * @throws Failure where the API can't be reached, or refuses whatever it is sent; the signal's reason.
 */
export async function predict(
  typed: readonly string[],
  flags: PredictFlags,
  outside: Outside,
  out: Console,
  signal: AbortSignal,
): Promise<boolean> {
  const top = countOf('--top', flags.top, usualTop, mostTop);
  const files = await picturesToSend(typed, outside.folder);
  const url = flags.url === undefined ? await usualUrl(flags, outside) : checkedUrl(flags.url);
  const apiKey =
    flags.apiKeyFile === undefined ? undefined : await readApiKey(flags.apiKeyFile, outside.folder);
  await requireReachable(url, signal);
  const client = createClient({ url, tries, ...(apiKey !== undefined && { apiKey }) });
  const steps = new Steps(flags.json === true ? silent(out) : out);
  let done = 0;
  const outcomes = await eachOf(files, signal, async (file, stop) => {
    const outcome = await predictFile(file, { client, url, folder: outside.folder, signal: stop });
    done += 1;
    steps.report('predict', { done, total: files.length, unit: 'pictures' });
    return outcome;
  }).finally(() => steps.end());
  if (flags.json === true)
    out.say(JSON.stringify({ predictions: outcomes.map((one) => cut(one, top)) }, null, 2));
  else sayOutcomes(outcomes, top, out);
  return outcomes.every(({ prediction }) => prediction !== undefined);
}

/** Where this project's API is, or would be. */
async function usualUrl(flags: SettingFlags, outside: Outside): Promise<string> {
  const settings = settingsOf(flags, outside);
  const ledger = await runningLedger(settings.home);
  return ledger?.addresses.api ?? addresses(settings).api;
}

function checkedUrl(typed: string): string {
  const url = URL.canParse(typed) ? new URL(typed) : undefined;
  // A name and a password would stand in the process list, and every message about it.
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return typed;
  throw new Failure('start-refused', '--url takes an address such as http://localhost:8080.');
}

interface Sending {
  readonly client: Client;
  readonly url: string;
  readonly folder: string;
  readonly signal: AbortSignal;
}

async function predictFile(file: string, { client, url, folder, signal }: Sending): Promise<Outcome> {
  let bytes: Buffer;
  try {
    bytes = await readFile(resolve(folder, file));
  } catch (error) {
    return { file, problem: unreadable(error) };
  }
  try {
    return { file, prediction: await client.predict({ bytes, name: basename(file) }, { signal }) };
  } catch (error) {
    if (error instanceof ProblemError && ofOnePicture.has(error.status))
      return { file, problem: error.problem };
    signal.throwIfAborted();
    throw failureOf(error, url);
  }
}

/** Never sent, so no problem of the API's. */
function unreadable(error: unknown): Problem {
  const detail = `Reading it here failed (${errorCode(error) ?? 'unknown'}), so it was not sent.`;
  return { type: 'about:blank', title: 'The file cannot be read', status: 400, detail, instance: '' };
}

/** What keeps every picture from being answered. */
function failureOf(error: unknown, url: string): unknown {
  if (error instanceof ProblemError) {
    const { type = '', problem } = error;
    if (isFailureType(type)) return new Failure(type, problem.detail, { cause: error });
    return new Failure('cloud-refused', `${url} answered ${problem.status}: ${error.message}`, {
      cause: error,
    });
  }
  if (isUnreachable(error)) {
    return new Failure(
      'cloud-unavailable',
      `Nothing answers at ${url} as the API does. Start it with \`npm start\`, or say with --url where it is.`,
      { cause: error },
    );
  }
  return error;
}

/** What `fetch` throws where nothing answers, or nothing in time. By name: a test's errors are of another realm's classes. */
function isUnreachable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('name' in error)) return false;
  return error.name === 'TypeError' || error.name === 'TimeoutError';
}

/** Asked once, so that whoever mistyped an address hears it at once, and not after the patience that a restart deserves. */
async function requireReachable(url: string, signal: AbortSignal): Promise<void> {
  try {
    await createClient({ url, tries: 1 }).model({ signal });
  } catch (error) {
    signal.throwIfAborted();
    if (isUnreachable(error)) throw failureOf(error, url);
  }
}

/**
 * Does `work` for each item, some at once. The first failure ends the others.
 *
 * @returns the results in the items' order.
 */
async function eachOf<Item, Result>(
  items: readonly Item[],
  signal: AbortSignal,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const rest = items.entries();
  const worker = async () => {
    for (const [index, item] of rest) {
      stop.throwIfAborted();
      results[index] = await work(item, stop);
    }
  };
  const workers = Array.from({ length: atOnce }, () =>
    worker().catch((error: unknown) => {
      failed.abort(error);
    }),
  );
  await Promise.all(workers);
  signal.throwIfAborted();
  failed.signal.throwIfAborted();
  return results;
}

/** The likeliest classes alone. */
function likeliest({ probabilities }: Prediction, top: number): [string, number][] {
  return Object.entries(probabilities)
    .sort(([, a], [, b]) => b - a)
    .slice(0, top);
}

function cut({ file, prediction, problem }: Outcome, top: number) {
  if (prediction === undefined) return { file, problem };
  return { file, ...prediction, probabilities: Object.fromEntries(likeliest(prediction, top)) };
}

function sayOutcomes(outcomes: readonly Outcome[], top: number, out: Console): void {
  const { colours } = out;
  const answered = outcomes.flatMap(({ file, prediction }) => (prediction ? [{ file, prediction }] : []));
  const refused = outcomes.flatMap(({ file, problem }) => (problem ? [{ file, problem }] : []));
  if (answered.length > 0) {
    const rows = answered.map(({ file, prediction }) => row(file, prediction, top));
    const [header = '', ...lines] = table(
      ['file', 'class', 'confidence', 'version', 'then'],
      rows,
      new Set([2, 3]),
    );
    out.say(colours.dim(header));
    for (const line of lines) out.say(line);
  }
  for (const { file, problem } of refused) {
    out.say(
      `${colours.red('✗')} ${plainText(file)}: ${plainText(problem.title)}. ${plainText(problem.detail)}`,
    );
  }
  if (refused.length > 0) {
    out.say(
      `${counted(refused.length, 'picture')} of ${count(outcomes.length)} ${refused.length === 1 ? 'was' : 'were'} refused.`,
    );
  }
}

function row(file: string, prediction: Prediction, top: number): string[] {
  const [first, ...others] = likeliest(prediction, top);
  return [
    plainText(file),
    plainText(prediction.prediction),
    percent(first?.[1] ?? 0),
    String(prediction.model.version),
    others.map(([name, probability]) => `${plainText(name)} ${percent(probability)}`).join(', '),
  ];
}
