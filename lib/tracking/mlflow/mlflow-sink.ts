import type { Ref } from '../../../contracts/refs';
import type { MetricsLine } from '../../../contracts/schemas/metrics';
import { readRef } from '../../storage/refs';
import type { Store } from '../../storage/store';
import { joinedKey, readMetrics } from '../metrics/read-metrics';
import { reportKey } from '../report/report-key';
import { bestFigures } from '../series';
import type { Finished, Sink, Told } from '../sink';
import { createMlflowClient, type MlflowClientOptions } from './client';
import { MlflowRun, type RunToFind } from './run';

export interface MlflowOptions extends MlflowClientOptions {
  /** The experiment that runs are put into, made where it is missing; `drover` by default. */
  readonly experiment?: string | undefined;
  readonly times?: Partial<MlflowTimes> | undefined;
}

/** Milliseconds. */
export interface MlflowTimes {
  /** For what one flush has to send, beside the training. */
  readonly flushMs: number;
  /** For all that is sent at the end, which the training waits for. */
  readonly finishMs: number;
  /** How long a server that did not answer, or refused, is left alone. */
  readonly pauseMs: number;
}

const usualTimes: MlflowTimes = { flushMs: 30_000, finishMs: 60_000, pauseMs: 60_000 };

export interface MlflowSinkOptions {
  readonly store: Store;
  readonly run: Omit<RunToFind, 'experiment'>;
  readonly mlflow: MlflowOptions;
  readonly onNotice: (message: string) => void;
}

/**
 * Sends a run to an MLflow server while it trains. What happens there never fails a training, nor does the training
 * wait for it before its end: what could not be sent is read again from the metrics' parts and sent later.
 *
 * @throws Failure `configuration-invalid` where the server's address is none
 */
export function createMlflowSink({ store, run, mlflow, onNotice }: MlflowSinkOptions): Sink {
  const client = createMlflowClient(mlflow);
  const times = { ...usualTimes, ...mlflow.times };
  const wanted = { ...run, experiment: mlflow.experiment ?? 'drover' };
  /** Told, and not sent yet. */
  let waiting: MetricsLine[] = [];
  /** Whether the store holds lines that are neither sent nor waiting: those of earlier processes, or of an outage. */
  let isBehind = true;
  let found: MlflowRun | undefined;
  let sending: Promise<void> | undefined;
  let isAway = false;
  let askAgainAt = 0;

  async function catchUp(signal: AbortSignal): Promise<MlflowRun> {
    found ??= await MlflowRun.findOrCreate(client, wanted, signal);
    while (isBehind || waiting.length > 0) {
      const told = waiting;
      waiting = [];
      const lines = isBehind ? await readMetrics(store, run.run, signal) : told;
      // Until they are sent: should that fail, they are read from the store.
      isBehind = true;
      await found.log(lines, signal);
      isBehind = false;
    }
    return found;
  }

  async function send(): Promise<void> {
    try {
      await catchUp(AbortSignal.timeout(times.flushMs));
      if (isAway) onNotice(`MLflow at ${client.host} answers again.`);
      isAway = false;
    } catch (error) {
      waiting = [];
      isBehind = true;
      askAgainAt = Date.now() + times.pauseMs;
      if (!isAway) {
        onNotice(
          `${whatHappened(error, client.host)} The training goes on; what MLflow misses is sent as soon as it answers.`,
        );
      }
      isAway = true;
    }
  }

  async function finish(finished: Finished): Promise<void> {
    await sending;
    const signal = AbortSignal.timeout(times.finishMs);
    try {
      const at = await catchUp(signal);
      await at.logBest(bestFigures(finished.result.best), finished, signal);
      await at.setTags(finalTags(finished), signal);
      await sendArtifacts(at, finished, signal);
      await at.end(finished.at, signal);
    } catch (error) {
      onNotice(
        `${whatHappened(error, client.host)} The run is finished; MLflow has not all of it. ` +
          `The figures are in ${joinedKey(run.run)}.`,
      );
    }
  }

  async function sendArtifacts(at: MlflowRun, { result }: Finished, signal: AbortSignal): Promise<void> {
    const files: [string, () => Promise<Buffer | undefined>][] = [
      ['report.html', async () => (await store.readVersioned(reportKey(run.run)))?.bytes],
      ['metrics.jsonl', async () => (await store.readVersioned(joinedKey(run.run)))?.bytes],
      ...Object.entries(modelFiles(result.model)).map(([name, ref]): [string, () => Promise<Buffer>] => [
        `model/${name}`,
        () => readRef(store, ref),
      ]),
    ];
    for (const [name, read] of files) {
      const bytes = await read();
      if (bytes === undefined || (await at.upload(name, bytes, signal))) continue;
      onNotice(
        `MLflow at ${client.host} has its artifacts elsewhere, where this trainer can't write: report and model were ` +
          'not sent. They are in the store.',
      );
      return;
    }
  }

  return {
    flush({ lines }: Told) {
      if (sending === undefined && Date.now() < askAgainAt) {
        isBehind = true;
        return Promise.resolve();
      }
      waiting.push(...lines);
      sending ??= send().finally(() => (sending = undefined));
      return Promise.resolve();
    },
    finish,
  };
}

function modelFiles({ onnx, layers, weights }: Finished['result']['model']): Record<string, Ref> {
  return { 'model.onnx': onnx, 'model.json': layers, 'weights.bin': weights };
}

function finalTags({ result: { environment, parameters } }: Finished): Record<string, string> {
  return {
    'drover.parameters': String(parameters),
    'drover.device': environment.device,
    'drover.tensorflow': environment.tensorflow,
  };
}

/** Says no more than the host: an address may hold a secret. */
function whatHappened(error: unknown, host: string): string {
  if (error instanceof DOMException) return `MLflow at ${host} took too long.`;
  const said = error instanceof Error ? error.message : 'It failed.';
  return said.endsWith('.') ? said : `${said}.`;
}
