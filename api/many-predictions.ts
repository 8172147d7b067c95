import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import { Failure } from '../contracts/failures';
import {
  type BatchAnswer,
  type BatchItem,
  batchUrlsSchema,
  mostBatchPictures,
} from '../contracts/schemas/serving';
import type { Admission } from './admission';
import type { PictureFetcher } from './guard/fetch-picture';
import { keyNameOf } from './guard/key-check';
import { readJson } from './json-body';
import type { Metrics } from './metrics';
import type { ModelHolder, ServedModel } from './models/served-model';
import { predict } from './prediction';
import { toProblem } from './problem';
import { contextOf } from './request-log';
import { traceStages } from './trace-stages';
import { isMultipart, readMultipart, readPicture } from './upload';

export interface ManyPredictions {
  readonly models: ModelHolder;
  readonly admission: Admission;
  readonly metrics: Metrics;
  /** Of one picture, in bytes. */
  readonly maxUploadBytes: number;
  readonly deadlineMs: number;
  /**
   * Brings a picture from another host; undefined where that is not allowed.
   * @throws Failure for what is refused, or does not answer.
   */
  readonly fetchPicture?: PictureFetcher;
}

/** What was sent, or is still to be fetched. */
interface Wanted {
  readonly name?: string | undefined;
  readonly url?: string;
  bytes(signal: AbortSignal): Promise<Buffer>;
}

/** All pictures of a request together may have as many bytes as this many of the largest ones. */
const largestPictures = 4;

/**
 * Answers several pictures, all by one model: a picture that is refused has a problem of its own, what is wrong with the service is the
 * whole request's.
 *
 * @throws Failure as for one picture; `busy` where there is no room for all.
 */
export async function answerMany(
  request: Request,
  response: Response,
  signal: AbortSignal,
  options: ManyPredictions,
): Promise<BatchAnswer> {
  const { models, admission, metrics, deadlineMs } = options;
  const { id: requestId, trace } = contextOf(response);
  const by = keyNameOf(response);
  const began = performance.now();
  const wanted = await admission.hold(() => readWanted(request, options));
  const receiveMs = performance.now() - began;
  metrics.took('receive', receiveMs);
  trace.stage('receive', began, receiveMs);

  async function answer(picture: Wanted, index: number, model: ServedModel): Promise<BatchItem> {
    const place = {
      index,
      ...(picture.name !== undefined && { name: picture.name }),
      ...(picture.url !== undefined && { url: picture.url }),
    };
    const id = randomUUID();
    try {
      const bytes = await picture.bytes(signal);
      const asked = performance.now();
      const answered = await predict(model, bytes, { id, signal, deadlineMs, by });
      const { prediction, stages } = answered;
      traceStages(trace, asked, answered);
      metrics.answered(prediction, stages);
      const { model: _, ...ranked } = prediction;
      return { ...place, ...ranked };
    } catch (error) {
      const problem = toProblem(error, requestId);
      if (!(error instanceof Failure) || problem.status >= 500) throw error;
      return { ...place, problem };
    }
  }

  return admission.hold(
    () =>
      models.use(requestId, async (model) => {
        const { name, version, digest } = model;
        // The model is given back when all of them are through with it, also where one has failed.
        const settled = await Promise.allSettled(
          wanted.map((picture, index) => answer(picture, index, model)),
        );
        const predictions = settled.map((outcome) => {
          if (outcome.status === 'rejected') throw outcome.reason;
          return outcome.value;
        });
        return { model: { name, version, digest }, predictions };
      }),
    wanted.length,
  );
}

async function readWanted(
  request: Request,
  { maxUploadBytes, fetchPicture }: ManyPredictions,
): Promise<Wanted[]> {
  const type = request.get('content-type') ?? '';
  if (typeof request.is('application/json') === 'string') {
    const { urls } = await readJson(request, batchUrlsSchema);
    if (fetchPicture === undefined) {
      throw new Failure(
        'url-refused',
        'Pictures are not fetched from other hosts here; send their bytes, or set DROVER_URL_HOSTS to the hosts that are allowed.',
      );
    }
    const room = { left: largestPictures * maxUploadBytes };
    return urls.map((url) => ({ url, bytes: (signal) => fetchPicture(url, signal, room) }));
  }
  const pictures = isMultipart(type)
    ? await readMultipart(request, type, {
        maxBytes: maxUploadBytes,
        most: mostBatchPictures,
        maxTotalBytes: largestPictures * maxUploadBytes,
      })
    : [await readPicture(request, maxUploadBytes)];
  return pictures.map(({ bytes, name }) => ({ name, bytes: () => Promise.resolve(bytes) }));
}
