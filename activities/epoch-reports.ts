import { Context, log } from '@temporalio/activity';
import type { EpochReport } from '../contracts/inputs';
import { trialEpochs, type TrialEpochs } from '../contracts/messages';
import { comparedMetrics, type EpochMetrics } from '../contracts/schemas/documents';

interface Teller {
  /** @param epochs - All that are complete, from the first. */
  tell(epochs: readonly EpochMetrics[]): void;
  /** Of a training that is stopped, whatever epochs were asked for. */
  tellLast(epochs: readonly EpochMetrics[]): void;
  /** Resolves once all that was told has been sent. */
  told(): Promise<void>;
}

/** Beyond float32's digits there is nothing to tell. */
const digits = 8;

/**
 * Tells a sweep how one of its trials goes, by signals that each carry the whole curve: one that is lost is made good by the
 * next, and what a resumed training tells again changes nothing.
 */
export function tellEpochs(run: string, report: EpochReport | undefined): Teller {
  if (report === undefined)
    return { tell: () => undefined, tellLast: () => undefined, told: () => Promise.resolve() };
  const { sweep, trial, metric, at } = report;
  const handle = Context.current().client.workflow.getHandle(sweep);
  let sending = Promise.resolve();
  const send = async (message: TrialEpochs): Promise<void> => {
    try {
      await handle.signal<[TrialEpochs]>(trialEpochs, message);
    } catch (error) {
      // A sweep that has ended meanwhile has no use for it; one that can't be reached hears of it with the next epoch.
      log.warn('The sweep was not told of an epoch.', { sweep, trial, error });
    }
  };
  const tellLast = (epochs: readonly EpochMetrics[]): void => {
    if (epochs.length === 0) return;
    const values = epochs.map((epoch) => valueOf(epoch, metric));
    const seconds = secondsOf(epochs);
    sending = sending.then(() => send({ trial, run, values, seconds }));
  };
  return {
    tell(epochs) {
      if (at === undefined || at.includes(epochs.length)) tellLast(epochs);
    },
    tellLast,
    told: () => sending,
  };
}

/** A metric of one epoch, as a sweep is told it. */
export function valueOf(epoch: EpochMetrics, metric: string): number {
  const value = new Map<string, number>(Object.entries(comparedMetrics(epoch))).get(metric);
  if (value === undefined) throw new Error(`an epoch has no metric ${metric}`);
  return Number(value.toPrecision(digits));
}

/** Of training and validation, all epochs together. */
export function secondsOf(epochs: readonly EpochMetrics[]): number {
  return Number(epochs.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(2));
}
