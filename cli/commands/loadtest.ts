import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Failure } from '../../contracts/failures';
import { openSample } from '../../lib/data/sources/sample/sample-source';
import { closedLoop, type LoadResult, openLoop, quantile } from '../../lib/load/load';
import { type LoadPicture, pictureRequests } from '../../lib/load/picture-requests';
import { isPublicAddress } from '../../lib/network/addresses';
import { readApiKey } from '../api-key-file';
import { type Console, silent } from '../display/console';
import { count } from '../display/dataset';
import { Steps } from '../display/steps';
import { table } from '../display/table';
import { picturesToSend } from '../pictures-to-send';
import { countOf } from '../rehearse';
import type { Outside } from '../settings';

export interface LoadtestFlags {
  readonly pictures?: string;
  readonly connections?: string;
  readonly rate?: string;
  readonly duration: string;
  readonly apiKeyFile?: string;
  readonly yesItIsMine?: boolean;
  readonly json?: boolean;
}

const usualConnections = 16;
const mostConnections = 1024;
const mostRate = 100_000;
/** Enough that no picture is answered from what a processor remembers of the one before. */
const mostPictures = 200;
const samplePictures = 20;
const longestSeconds = 3600;

/**
 * Loads an API with pictures and prints how it bore that.
 *
 * @returns whether every request was answered with a prediction.
 * @throws Failure `start-refused` where the address is not this machine's or a private network's, and nobody said that it may be loaded;
 *   `not-found` for pictures that are not there.
 */
export async function loadtest(
  typed: string,
  flags: LoadtestFlags,
  outside: Outside,
  out: Console,
  signal: AbortSignal,
): Promise<boolean> {
  const url = addressOf(typed);
  const seconds = secondsOf(flags.duration);
  if (flags.connections !== undefined && flags.rate !== undefined) {
    throw new Failure(
      'start-refused',
      'Either --connections or --rate: a rate opens what connections it needs.',
    );
  }
  const connections = countOf('--connections', flags.connections, usualConnections, mostConnections);
  const rate = flags.rate === undefined ? undefined : countOf('--rate', flags.rate, 1, mostRate);
  if (flags.yesItIsMine !== true) await requireNear(url);
  const apiKey =
    flags.apiKeyFile === undefined ? undefined : await readApiKey(flags.apiKeyFile, outside.folder);
  const requests = pictureRequests({
    url,
    pictures: await picturesOf(flags.pictures, outside.folder),
    apiKey,
  });

  const steps = new Steps(flags.json === true ? silent(out) : out);
  const load = {
    url,
    requests,
    seconds,
    signal,
    isGood: hasPrediction,
    onProgress(answered: number, left: number) {
      const done = Math.min(seconds, Math.round((seconds - left) * 10) / 10);
      steps.report('load', { done, total: seconds, unit: 'seconds' }, `${count(answered)} answers`);
    },
  };
  const result = await (
    rate === undefined ? closedLoop({ ...load, connections }) : openLoop({ ...load, rate })
  ).finally(() => steps.end());
  signal.throwIfAborted();
  if (result.latencies.length === 0) {
    throw new Failure(
      'cloud-unavailable',
      `Nothing answers at ${url.origin}. Start it with \`npm start\`, or give another address.`,
    );
  }
  say(result, out, flags.json === true);
  return result.good === result.latencies.length && result.failed === 0;
}

/** The API's address, or that of one of its paths. */
function addressOf(typed: string): URL {
  const url = URL.canParse(typed) ? new URL(typed) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new Failure('start-refused', 'loadtest takes an address such as http://localhost:8080.');
  }
  if (url.pathname === '/') url.pathname = '/get_prediction';
  return url;
}

function secondsOf(typed: string): number {
  const found = /^(\d+(?:\.\d+)?)(s|m)?$/.exec(typed);
  const seconds = Number(found?.[1]) * (found?.[2] === 'm' ? 60 : 1);
  if (seconds > 0 && seconds <= longestSeconds) return seconds;
  throw new Failure('start-refused', '--duration takes a time such as 10s or 2m, of an hour at most.');
}

/** Load on what is somebody else's is an attack, if only by a slip of the keyboard. */
async function requireNear(url: URL): Promise<void> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const found = await lookup(host, { all: true }).catch(() => []);
  if (found.length === 0)
    throw new Failure('start-refused', `${host} has no address that this machine knows.`);
  if (!found.some(({ address }) => isPublicAddress(address))) return;
  throw new Failure(
    'start-refused',
    `${host} is on the public internet, and load is an attack on whoever did not ask for it. Where it is yours: --yes-it-is-mine.`,
  );
}

async function picturesOf(typed: string | undefined, folder: string): Promise<LoadPicture[]> {
  if (typed === undefined) return drawnPictures();
  const files = (await picturesToSend([typed], folder)).slice(0, mostPictures);
  return Promise.all(
    files.map(async (file) => ({ name: basename(file), bytes: await readFile(resolve(folder, file)) })),
  );
}

/** Of the sample set, at the size of a photograph from the web. */
async function drawnPictures(): Promise<LoadPicture[]> {
  const pictures: LoadPicture[] = [];
  for await (const picture of openSample('sample://animals?variations=2&size=256').pictures()) {
    pictures.push({ name: basename(picture.path), bytes: await picture.bytes() });
    if (pictures.length >= samplePictures) break;
  }
  return pictures;
}

/** Looked for and not parsed: what makes the load must cost little beside what bears it. */
function hasPrediction(status: number, body: Buffer): boolean {
  return status === 200 && body.includes('"prediction"');
}

function figuresOf(result: LoadResult) {
  const { latencies, seconds, statuses, failed, good, cpu } = result;
  const at = (share: number) => Number(quantile(latencies, share).toFixed(2));
  return {
    perSecond: Number((good / seconds).toFixed(1)),
    milliseconds: { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) },
    statuses: Object.fromEntries(statuses),
    withoutPrediction: latencies.length - good,
    failed,
    generatorCpuSeconds: Number(cpu.toFixed(2)),
    seconds: Number(seconds.toFixed(2)),
  };
}

function say(result: LoadResult, out: Console, asJson: boolean): void {
  const figures = figuresOf(result);
  if (asJson) {
    out.say(JSON.stringify(figures, null, 2));
    return;
  }
  const { p50, p90, p99, max } = figures.milliseconds;
  const share = (100 * result.cpu) / result.seconds;
  const statuses = [...result.statuses].map(([status, times]) => `${count(times)} × ${status}`);
  if (figures.failed > 0) statuses.push(`${count(figures.failed)} without an answer`);
  const cells = [figures.perSecond, p50, p90, p99, max].map((value) => value.toFixed(1));
  const [header = '', ...rows] = table(
    ['requests/s', 'p50 ms', 'p90 ms', 'p99 ms', 'max ms', 'answers', 'generator'],
    [[...cells, statuses.join(', '), `${share.toFixed(0)} % of a core`]],
    new Set([0, 1, 2, 3, 4]),
  );
  out.say(out.colours.dim(header));
  for (const row of rows) out.say(row);
}
