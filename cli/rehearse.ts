import { Failure } from '../contracts/failures';
import type { RehearsalJob } from '../contracts/schemas/rehearsal';
import { startRehearsal } from '../lib/training/rehearsal/start-rehearsal';
import { environmentOn } from '../lib/training/trainer-environment';
import { type Console, silent } from './display/console';
import { Steps } from './display/steps';
import { openLocalTraining } from './local-training';
import type { Outside, SettingFlags } from './settings';

export interface RehearsalFlags extends SettingFlags {
  readonly data?: string;
  readonly phase?: string;
  readonly steps?: string;
  readonly json?: boolean;
}

/** A rehearsal as it was typed. */
export interface RehearsalCall {
  /** A configuration at most, and `key=value` changes. */
  readonly words: readonly string[];
  readonly flags: RehearsalFlags;
  readonly outside: Outside;
  readonly out: Console;
  readonly signal: AbortSignal;
}

type CommonJob = Pick<RehearsalJob, 'storeLocation' | 'gcsEndpoint' | 'config' | 'prepared' | 'phase'>;

/**
 * Some steps of a training as `drover train --local` would take them, in a process of their own.
 *
 * @param jobOf - What is wanted of them.
 * @throws Failure where anything of it fails; the signal's reason once that is aborted.
 */
export async function rehearseHere<Job extends RehearsalJob>(
  { words, flags, outside, out, signal }: RehearsalCall,
  jobOf: (common: CommonJob) => Job,
) {
  const shown = flags.json === true ? silent(out) : out;
  const steps = new Steps(shown);
  try {
    const training = await openLocalTraining({ words, flags, outside, out: shown, steps, signal });
    const { settings, store, config, prepared } = training;
    const job = jobOf({
      storeLocation: store.location,
      ...(settings.gcsEndpoint !== undefined && { gcsEndpoint: settings.gcsEndpoint }),
      config,
      prepared,
      ...(flags.phase !== undefined && { phase: flags.phase }),
    });
    const result = await startRehearsal({
      command: [process.execPath, outside.program, 'rehearsal'],
      job,
      environment: environmentOn(settings.device, outside.environment),
      onProgress: (done, total) => steps.report(job.kind, { done, total, unit: 'steps' }),
      signal,
    });
    return { store, config, result };
  } finally {
    steps.end();
  }
}

/** `20261125T064121Z`: a time as a part of a key. */
export function timeKey(at: Date): string {
  return at.toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
}

/**
 * A count that was typed.
 *
 * @throws Failure `start-refused` where it is none from 1 to `most`.
 */
export function countOf(flag: string, typed: string | undefined, fallback: number, most: number): number {
  const value = typed === undefined ? fallback : Number(typed);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new Failure('start-refused', `${flag} takes a whole number from 1 to ${most}.`);
}
