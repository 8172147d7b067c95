import type { RunResult } from '../../contracts/schemas/documents';
import { leavesOf } from '../tracking/leaves';

/** Something of where two runs were made that isn't the same. */
export interface Difference {
  /** Such as `threads`, or `libraries sharp`. */
  readonly name: string;
  /** undefined where the run didn't say. */
  readonly was: string | undefined;
  readonly is: string | undefined;
}

export interface RunComparison {
  /** Whether both gave the same weights and the same ONNX model, byte for byte. */
  readonly same: boolean;
  /** Of the weights. */
  readonly sha256: { readonly was: string; readonly is: string };
  /** What is different between the machines, and may be why. */
  readonly differences: readonly Difference[];
}

/** Two results of one configuration on one prepared set. */
export function compareRuns(before: RunResult, after: RunResult): RunComparison {
  const [was, is] = [before, after].map(({ environment }) => valuesOf(environment));
  const names = [...new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])];
  const sha256 = { was: before.model.weights.sha256, is: after.model.weights.sha256 };
  return {
    same: sha256.was === sha256.is && before.model.onnx.sha256 === after.model.onnx.sha256,
    sha256,
    differences: names
      .map((name) => ({ name, was: was?.get(name), is: is?.get(name) }))
      .filter((value) => value.was !== value.is),
  };
}

function valuesOf(environment: RunResult['environment']): Map<string, string> {
  return new Map(leavesOf(environment).map(({ path, value }) => [path.join(' '), value]));
}
