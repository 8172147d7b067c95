import type { Store } from '../../storage/store';
import type { Sink } from '../sink';
import type { RunReport } from './content';
import { renderRunReport } from './page';
import { reportKey } from './report-key';

export interface ReportSinkOptions extends Pick<RunReport, 'dataset'> {
  readonly store: Store;
  readonly run: string;
  readonly onNotice: (message: string) => void;
}

/** Writes the run's report at its end. A page that can't be made is told of, as the model is worth more than it. */
export function createReportSink({ store, run, dataset, onNotice }: ReportSinkOptions): Sink {
  return {
    flush: () => Promise.resolve(),
    async finish({ result, sample, lines, at }) {
      let page: string;
      try {
        page = await renderRunReport({ result, sample, lines, dataset, at });
      } catch (error) {
        onNotice(
          `The report of run ${run} could not be made: ${error instanceof Error ? error.message : 'unknown'}`,
        );
        return;
      }
      await store.write(reportKey(run), Buffer.from(page));
    },
  };
}
