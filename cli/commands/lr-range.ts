import { resolve } from 'node:path';
import { Failure } from '../../contracts/failures';
import { storeUri } from '../../contracts/refs';
import type { RunConfig } from '../../contracts/schemas/run';
import type { RateRange } from '../../contracts/schemas/rehearsal';
import { rangePage } from '../../lib/training/rate-range/range-page';
import { suggestRates } from '../../lib/training/rate-range/suggest-rates';
import { rateRangeLines } from '../display/rate-range';
import { countOf, rehearseHere, timeKey, type RehearsalCall, type RehearsalFlags } from '../rehearse';
import { writePage } from '../write-page';
import { placeOf } from './data/place';

export interface LrRangeFlags extends RehearsalFlags {
  readonly from?: string;
  readonly to?: string;
  readonly page?: string;
}

const usual = { from: 1e-6, to: 1, steps: 100 };
const mostSteps = 10_000;
/** Fewer say nothing of a slope. */
const leastSteps = 10;

/**
 * Learns with a growing rate, says which rates to begin with, and writes the curve as a page.
 *
 * @throws Failure where anything of it fails; the signal's reason once that is aborted.
 */
export async function lrRange(call: RehearsalCall & { readonly flags: LrRangeFlags }): Promise<void> {
  const { flags, outside, out } = call;
  const from = rateOf('--from', flags.from, usual.from);
  const to = rateOf('--to', flags.to, usual.to);
  if (from >= to) throw new Failure('start-refused', '--from is not below --to: the rate has to grow.');
  const steps = countOf('--steps', flags.steps, usual.steps, mostSteps);
  if (steps < leastSteps) {
    throw new Failure('start-refused', `--steps takes ${leastSteps} at least: fewer show no slope.`);
  }
  const { store, config, result } = await rehearseHere(call, (common) => ({
    ...common,
    kind: 'rate-range',
    from,
    to,
    steps,
  }));
  if (result.points.length === 0) {
    throw new Failure(
      'training-diverged',
      'The very first loss is no number: look at the pictures and the network.',
    );
  }
  const at = new Date();
  const suggestions = suggestRates(result.points, steps);
  const page = rangePage({
    range: result,
    suggestions,
    facts: factsOf(result, config),
    at: at.toISOString(),
  });
  let place: string;
  if (flags.page === undefined) {
    const key = `runs/lr-range-${timeKey(at)}/lr-range.html`;
    await store.write(key, Buffer.from(page));
    place = placeOf(store, storeUri(key));
  } else {
    place = resolve(outside.folder, flags.page);
    await writePage(place, page, '--page');
  }
  if (flags.json === true) {
    out.say(JSON.stringify({ ...result, suggestions: suggestions ?? null, page: place }, null, 2));
    return;
  }
  out.say();
  for (const line of rateRangeLines(result, suggestions, out)) out.say(line);
  out.say(`page        ${place}`);
}

function factsOf({ subject }: RateRange, config: RunConfig) {
  const { network, optimizer, precision, seed, threads } = config;
  return [
    { name: 'Network', value: `${network.name}, ${subject.parameters} numbers to learn` },
    { name: 'Phase', value: subject.phase },
    { name: 'Optimiser', value: optimizer },
    { name: 'Pictures a step', value: String(subject.batch) },
    { name: 'Precision', value: precision },
    { name: 'Seed, threads', value: `${seed}, ${threads}` },
    { name: 'TensorFlow', value: `${subject.tensorflow} on ${subject.device}` },
  ];
}

function rateOf(flag: string, typed: string | undefined, fallback: number): number {
  const value = typed === undefined ? fallback : Number(typed);
  if (Number.isFinite(value) && value > 0) return value;
  throw new Failure('start-refused', `${flag} takes a learning rate, which is above 0, such as 1e-5.`);
}
