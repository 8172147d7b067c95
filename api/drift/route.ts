import type { RequestHandler } from 'express';
import { Failure } from '../../contracts/failures';
import type { DriftAnswer } from '../../contracts/schemas/drift-answer';
import type { LatestLook, SeenLook } from './latest-look';

/**
 * Answers `GET /v1/drift` with what the last look found.
 *
 * @param latest - undefined where this API knows no store
 * @returns a handler that throws Failure `not-found` where nobody has looked yet, `storage-unavailable`
 */
export function driftRoute(latest: LatestLook | undefined): RequestHandler {
  return async (_request, response) => {
    const seen = await latest?.read();
    if (seen === undefined) {
      throw new Failure(
        'not-found',
        'Nobody has looked for drift yet. Whoever runs this service looks with: npx drover monitor run',
      );
    }
    response.json(answerOf(seen));
  };
}

function answerOf({ look, followUp }: SeenLook): DriftAnswer {
  const { model, version, id, at, verdict, reason, policy, window, reference, findings } = look;
  const { since, until, predictions, compared, labelled } = window;
  return {
    ...{ model, version, look: id, at, verdict, reason, policy },
    window: { since, until, predictions, compared, labelled },
    reference: { pictures: reference.pictures },
    checks: findings.checks.map(
      ({ id: check, kind, name, verdict: found, measure, statistic, p, adjusted, effect, why }) => ({
        ...{ id: check, kind, name, verdict: found, measure, statistic, p, adjusted, effect, why },
      }),
    ),
    followed: followUp
      ? { state: followUp.state, ...(followUp.pipeline !== undefined && { pipeline: followUp.pipeline }) }
      : null,
  };
}
