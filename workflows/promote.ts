import {
  ApplicationFailure,
  ActivityFailure,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { EvaluateInput, PromoteInput } from '../contracts/inputs';
import type { PromoteResult } from '../contracts/results';
import { heavy, planning, quick } from './activities';
import { preprocessOnce } from './dataset';
import { attribute } from './search-attributes';

/**
 * Moves `champion` to a registered version where it is better on the same test pictures. A champion that
 * changes while the two are compared starts the comparison anew.
 */
export async function promote(given: PromoteInput): Promise<PromoteResult> {
  const input = await quick.planPromotion(given);
  upsertSearchAttributes([{ key: attribute.model, value: input.model }]);
  const { model, version, rules, by } = input;
  for (;;) {
    const candidate = await planning.planEvaluation({ model, version });
    const { manifest } = candidate;
    const evaluation = input.evaluation ?? (await figures({ model, version, manifest }));
    const standing = await quick.champion(model);
    const champion =
      standing === undefined || standing === version
        ? undefined
        : { version: standing, evaluation: await figures({ model, version: standing, manifest }) };
    try {
      const result = await quick.judgeAndPromote({
        model,
        version,
        evaluation,
        rules,
        by,
        ...(champion && { champion }),
      });
      setCurrentDetails(`**${result.promoted ? 'Promoted' : 'Not promoted'}**: ${result.reason}`);
      return result;
    } catch (error) {
      const moved =
        error instanceof ActivityFailure &&
        error.cause instanceof ApplicationFailure &&
        error.cause.type === 'alias-moved';
      if (!moved) throw error;
    }
  }
}

/** Evaluated without a workflow of its own: part of this judgement's history. */
async function figures(input: EvaluateInput) {
  const { model, dataset, manifest } = await planning.planEvaluation(input);
  const { result } = await preprocessOnce(dataset, manifest, model.preprocessing);
  return (await heavy.evaluateModel({ model, prepared: result.prepared })).evaluation;
}
