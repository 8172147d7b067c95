import type { EvaluateInput } from '../contracts/inputs';
import type { EvaluateResult } from '../contracts/results';
import { heavy, planning } from './activities';
import { preprocessOnce } from './dataset';
import { showDetails } from './show-details';

/** A model's figures on a test split, its pictures prepared the way that the model was trained on. */
export async function evaluate(input: EvaluateInput): Promise<EvaluateResult> {
  const { model, dataset, manifest, subject, robustness } = await planning.planEvaluation(input);
  const { result } = await preprocessOnce(dataset, manifest, model.preprocessing);
  const { details, ...evaluation } = await heavy.evaluateModel({
    ...{ model, prepared: result.prepared, subject, robustness },
  });
  showDetails(details);
  return evaluation;
}
