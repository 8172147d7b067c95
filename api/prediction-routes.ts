import { Router, type Request, type Response } from 'express';
import { allowOnly } from './allow-only';
import { goneAbortSignal, goneSignal } from './client-gone';
import { keyNameOf } from './guard/key-check';
import { answerMany, type ManyPredictions } from './many-predictions';
import { predict } from './prediction';
import { contextOf } from './request-log';
import { requireModel } from './require-model';
import { traceStages } from './trace-stages';
import { readPicture } from './upload';

/** `POST /get_prediction` and `POST /v1/predictions`. */
export function predictionRoutes(options: ManyPredictions): Router {
  const { models, admission, metrics, maxUploadBytes, deadlineMs } = options;
  const router = Router();

  async function answerOne(request: Request, response: Response): Promise<void> {
    // Before the body is read: without a model, that would be for nothing.
    requireModel(models);
    const { id, trace } = contextOf(response);
    const { prediction, stages } = await admission.hold(async () => {
      const began = performance.now();
      const { bytes } = await readPicture(request, maxUploadBytes);
      const received = performance.now();
      metrics.took('receive', received - began);
      trace.stage('receive', began, received - began);
      const signal = goneSignal(response);
      const answered = await models.use(id, (model) =>
        predict(model, bytes, { id, signal, deadlineMs, by: keyNameOf(response) }),
      );
      traceStages(trace, received, answered);
      return answered;
    });
    metrics.answered(prediction, stages);
    response.json(prediction);
  }

  router.route('/get_prediction').post(answerOne).all(allowOnly('POST'));
  router
    .route('/v1/predictions')
    .post(async (request, response) => {
      requireModel(models);
      response.json(await answerMany(request, response, goneAbortSignal(response), options));
    })
    .all(allowOnly('POST'));
  return router;
}
