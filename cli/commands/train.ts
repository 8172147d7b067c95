import { Failure } from '../../contracts/failures';
import { storeKey } from '../../contracts/refs';
import { comparedMetrics, runResultSchema } from '../../contracts/schemas/documents';
import { evaluateModel } from '../../lib/evaluation/evaluate';
import { readJson } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';
import { runId } from '../../lib/training/run-id';
import { type Console, silent } from '../display/console';
import { accuracyLine, resultLines } from '../display/result';
import { Steps } from '../display/steps';
import { openLocalTraining } from '../local-training';
import type { Outside, SettingFlags } from '../settings';
import { trainHere } from '../train-here';

export interface TrainFlags extends SettingFlags {
  readonly local?: boolean;
  readonly data?: string;
  readonly json?: boolean;
}

/**
 * One training in this process and its trainer, with no Temporal: source, prepared set, run, figures on the
 * test pictures. Everything composes here; a second call with the same configuration finds the run's
 * checkpoints, or its result.
 *
 * @param words - a configuration at most, and `key=value` changes to it; those that begin with `preprocess.`
 *   or `split.` change how the pictures are prepared, as in `configs/pipeline.yaml`
 * @throws Failure where anything of it fails; the signal's reason once that is aborted.
 */
export async function train(
  words: readonly string[],
  flags: TrainFlags,
  outside: Outside,
  out: Console,
  signal: AbortSignal,
): Promise<void> {
  if (flags.local !== true) {
    throw new Failure(
      'start-refused',
      '`drover train --local` trains here, without Temporal. On the workers: npx drover run train.',
    );
  }
  const shown = flags.json === true ? silent(out) : out;
  const steps = new Steps(shown);
  try {
    const training = await openLocalTraining({ words, flags, outside, out: shown, steps, signal });
    const { settings, store, config, prepared } = training;
    const run = runId(config, prepared);
    const job = { config, prepared, run, tracking: settings.tracking };
    const ref = await trainHere(job, { settings, store, outside, out: shown, steps, signal });
    const result = await readJson(store, ref, runResultSchema);
    const { evaluation } = await evaluateModel({
      store,
      model: result.model,
      prepared,
      split: 'test',
      onProgress: (amount) => steps.report('evaluate', amount),
      signal,
    });
    steps.end();

    const trained = {
      run,
      result: ref,
      metrics: comparedMetrics(result.best),
      epochs: result.history.length,
    };
    const { accuracy, accuracyInterval: interval, baseline, pictures } = evaluation;
    const model = placeOf(store, result.model.onnx.uri);
    if (flags.json === true) {
      out.say(
        JSON.stringify({ ...trained, model, test: { accuracy, interval, baseline, pictures } }, null, 2),
      );
      return;
    }
    out.say();
    for (const line of resultLines('train', trained, out.colours)) out.say(line);
    out.say(accuracyLine({ accuracy, interval, baseline, pictures }));
    out.say(`model       ${model}`);
  } finally {
    steps.end();
  }
}

/** Where a person finds what a ref of this store names. */
function placeOf(store: Store, uri: string): string {
  return `${store.location}/${storeKey(uri) ?? uri}`;
}
