import { attributes, execute, type Handle } from '../handles';

/** One number an example, and the gradient of the logits of their sum. */
export interface Entropy {
  readonly losses: Handle;
  readonly gradient: Handle;
}

function both(name: string, outputs: readonly Handle[]): Entropy {
  const [losses, gradient] = outputs;
  if (losses === undefined || gradient === undefined) throw new Error(`${name} has two outputs`);
  return { losses, gradient };
}

/**
 * Cross entropy of softmax(`logits`).
 *
 * @param logits - `[batch, classes]`.
 * @param labels - int32 `[batch]`, in [0, classes).
 */
export function sparseCrossEntropy(logits: Handle, labels: Handle): Entropy {
  const name = 'SparseSoftmaxCrossEntropyWithLogits';
  const types = [attributes.type('T', logits.type), attributes.type('Tlabels', labels.type)];
  return both(name, execute(name, types, [logits, labels], 2));
}

/** @param labels - `[batch, classes]`, each row a distribution. */
export function denseCrossEntropy(logits: Handle, labels: Handle): Entropy {
  const name = 'SoftmaxCrossEntropyWithLogits';
  return both(name, execute(name, [attributes.type('T', logits.type)], [logits, labels], 2));
}
