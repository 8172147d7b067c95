import type { RequestHandler, Response } from 'express';
import { z } from 'zod';
import { Failure } from '../contracts/failures';
import {
  type FeedbackRequest,
  feedbackRequestSchema,
  type KeptFeedback,
  newClassSchema,
} from '../contracts/schemas/kept-predictions';
import type { Spool } from '../lib/predictions/spool';
import { readJson } from './json-body';

export interface FeedbackOptions {
  /** The main thread's own; undefined where nothing is kept. */
  readonly spool: Spool | undefined;
  /** For the classes of the model that answers now. */
  readonly models: { current(): { readonly classes: readonly string[] } | undefined };
  /** The API key's name of a request, where keys are asked for. */
  readonly whoAsks?: (response: Response) => string | undefined;
}

/** Bytes; a note of 500 characters is at most half of it. */
const largestBody = 4096;
const mostClassesNamed = 50;

/**
 * Answers `POST /v1/predictions/:id/feedback`: keeps what somebody says a picture showed. Whether there was such a prediction isn't
 * asked: it may be in another replica's spool. The two are joined when they are read.
 *
 * @returns a handler that throws Failure `request-invalid`, `label-unknown`, `feedback-not-kept`, `not-found`.
 */
export function feedbackRoute({ spool, models, whoAsks = () => undefined }: FeedbackOptions): RequestHandler {
  return async (request, response) => {
    if (spool === undefined) {
      throw new Failure(
        'not-found',
        'This API keeps neither predictions nor feedback (DROVER_KEEP_PREDICTIONS=off).',
      );
    }
    const id = requireId(request.params['id']);
    const feedback = await readJson(request, feedbackRequestSchema, largestBody);
    requireLabel(feedback, models.current()?.classes);
    const { label, note } = feedback;
    const by = whoAsks(response);
    const record: KeptFeedback = {
      ...{ kind: 'feedback', id, at: new Date().toISOString(), label },
      ...(by !== undefined && { by }),
      ...(note !== undefined && { note }),
    };
    if (!spool.keep(record)) {
      throw new Failure(
        'feedback-not-kept',
        'The feedback could not be kept: the spool is full, or its disk is. /metrics says which.',
      );
    }
    response.status(202).json(record);
  };
}

function requireId(id: unknown): string {
  const parsed = z.uuid().safeParse(id);
  if (parsed.success) return parsed.data.toLowerCase();
  throw new Failure(
    'request-invalid',
    'The path names no prediction: the "id" of an answer is expected, a UUID, as in /v1/predictions/{id}/feedback.',
  );
}

function requireLabel(
  { label, new_class: isNew = false }: FeedbackRequest,
  classes: readonly string[] | undefined,
): void {
  if (classes?.includes(label) === true) return;
  if (isNew) {
    const parsed = newClassSchema.safeParse(label);
    if (parsed.success) return;
    throw new Failure(
      'label-unknown',
      `The name of a new class is not one: ${parsed.error.issues[0]?.message ?? ''} are expected.`,
    );
  }
  const known =
    classes === undefined
      ? 'no model is served yet'
      : `the model's classes are ${classes.slice(0, mostClassesNamed).join(', ')}${classes.length > mostClassesNamed ? ', …' : ''}`;
  throw new Failure(
    'label-unknown',
    `The label is none that the model knows: ${known}. For a class that it does not know, add "new_class": true.`,
  );
}
