import { upsertSearchAttributes } from '@temporalio/workflow';
import type { EvaluateInput, PromoteInput } from '../contracts/inputs';
import type { EvaluationRef } from '../contracts/refs';
import type { PromoteResult } from '../contracts/results';
import { heavy, planning, quick } from './activities';
import { preprocessOnce } from './dataset';
import { failureType, rootCause } from './failures';
import { attribute } from './search-attributes';
import { showDetails } from './show-details';

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
        : { version: standing, ...(await championFigures({ model, version: standing, manifest })) };
    try {
      const result = await quick.judgeAndPromote({
        model,
        version,
        evaluation,
        rules,
        by,
        ...(champion && { champion }),
      });
      showDetails(`**${result.promoted ? 'Promoted' : 'Not promoted'}**: ${result.reason}`);
      return result;
    } catch (error) {
      if (failureType(error) !== 'alias-moved') throw error;
    }
  }
}

/** A champion that knows other classes than the new pictures have is no failure: it has no figures. */
async function championFigures(
  input: EvaluateInput,
): Promise<{ evaluation: EvaluationRef } | { incomparable: string }> {
  try {
    return { evaluation: await figures(input) };
  } catch (error) {
    if (failureType(error) !== 'dataset-invalid') throw error;
    return { incomparable: rootCause(error) };
  }
}

/** Evaluated without a workflow of its own: part of this judgement's history. */
async function figures(input: EvaluateInput): Promise<EvaluationRef> {
  const { model, dataset, manifest } = await planning.planEvaluation(input);
  const { result } = await preprocessOnce(dataset, manifest, model.preprocessing);
  return (await heavy.evaluateModel({ model, prepared: result.prepared })).evaluation;
}
