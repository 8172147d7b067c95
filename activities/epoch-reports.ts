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
 * Tells a sweep how one of its trials goes, by signals that each carry what came since the last that arrived: one that is lost is made
 * good by the next, and what a resumed training tells again changes nothing. What comes while one is on its way goes with the next.
 */
export function tellEpochs(run: string, report: EpochReport | undefined): Teller {
  if (report === undefined)
    return { tell: () => undefined, tellLast: () => undefined, told: () => Promise.resolve() };
  const { sweep, trial, metric, at, every = at === undefined ? 1 : Infinity } = report;
  const handle = Context.current().client.workflow.getHandle(sweep);
  let sending = Promise.resolve();
  let newest: readonly EpochMetrics[] = [];
  let from = 0;

  const send = async (): Promise<void> => {
    if (newest.length <= from) return;
    const upTo = newest.length;
    const values = newest.slice(from).map((epoch) => valueOf(epoch, metric));
    const seconds = secondsOf(newest);
    try {
      await handle.signal<[TrialEpochs]>(trialEpochs, {
        ...{ trial, run, values, seconds },
        ...(from > 0 && { from }),
      });
      from = upTo;
    } catch (error) {
      // A sweep that has ended meanwhile has no use for it; one that can't be reached hears of it with the next epoch.
      log.warn('The sweep was not told of an epoch.', { sweep, trial, error });
    }
  };
  const tellLast = (epochs: readonly EpochMetrics[]): void => {
    newest = [...epochs];
    sending = sending.then(send);
  };
  return {
    tell(epochs) {
      if (at?.includes(epochs.length) || epochs.length % every === 0) tellLast(epochs);
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
