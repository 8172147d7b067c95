import { foldBatchNorm } from './fold-batch-norm';
import { foldPadding } from './fold-padding';
import type { Graph } from './schema';

/** A graph whose convolutions do what was done around them; one that is folded already stays as it is. */
export function fold(graph: Graph): Graph {
  return foldPadding(foldBatchNorm(graph));
}
