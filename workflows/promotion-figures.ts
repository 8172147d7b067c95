import type { EvaluateInput } from '../contracts/inputs';
import type { EvaluationRef, ManifestRef } from '../contracts/refs';
import { heavy, planning } from './activities';
import { preprocessOnce } from './dataset';
import { failureType, rootCause } from './failures';

/** The dataset version that a candidate is judged on: its own. */
export async function sameSet(candidate: EvaluateInput): Promise<ManifestRef> {
  return (await planning.planEvaluation(candidate)).manifest;
}

/** A champion that knows other classes than the new pictures have is no failure: it has no figures. */
export async function championFigures(
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
export async function figures(input: EvaluateInput): Promise<EvaluationRef> {
  const { model, dataset, manifest, subject } = await planning.planEvaluation(input);
  const { result } = await preprocessOnce(dataset, manifest, model.preprocessing);
  return (await heavy.evaluateModel({ model, prepared: result.prepared, subject })).evaluation;
}
