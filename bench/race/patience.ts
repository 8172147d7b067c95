import type { RunConfig } from '../../contracts/schemas/run';
import { isStalled } from '../../lib/training/best-epoch';
import { cellEpochs } from '../search/table/cells';
import type { RecordedRun } from '../search/table/read';

/**
 * Epochs that a recorded training would have had, had it been told to end after so many without a better one: by the trainer's
 * own rule, which is that of Keras' `EarlyStopping`, too.
 *
 * @param patience - undefined: all of them.
 */
export function epochsUntilStalled(
  { loss, accuracy }: RecordedRun,
  by: RunConfig['best_by'],
  patience: number | undefined,
): number {
  if (patience === undefined) return cellEpochs;
  const history = loss.map((validation_loss, at) => ({
    epoch: at + 1,
    train_loss: NaN,
    train_accuracy: NaN,
    validation_loss,
    validation_accuracy: accuracy[at] ?? NaN,
    seconds: NaN,
  }));
  const ended = history.findIndex((_, at) =>
    isStalled(history.slice(0, at + 1), { patience, min_delta: 0 }, by),
  );
  return ended === -1 ? cellEpochs : ended + 1;
}
