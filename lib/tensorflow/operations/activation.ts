import { attributes, executeOne, type Handle } from '../handles';

export const activations = ['linear', 'relu', 'relu6'] as const;
export type Activation = (typeof activations)[number];

const operations = { relu: 'Relu', relu6: 'Relu6' } as const;

/** @returns `value` itself where the activation is linear. */
export function activate(value: Handle, activation: Activation): Handle {
  if (activation === 'linear') return value;
  return executeOne(operations[activation], [attributes.type('T', value.type)], [value]);
}

/**
 * The gradient of what went into the activation.
 *
 * @param output - What came out of it.
 */
export function activateGrad(gradient: Handle, output: Handle, activation: Activation): Handle {
  if (activation === 'linear') return gradient;
  return executeOne(
    `${operations[activation]}Grad`,
    [attributes.type('T', gradient.type)],
    [gradient, output],
  );
}

/** @param bias - One number a channel, the last dimension. */
export function biasAdd(value: Handle, bias: Handle): Handle {
  const format = attributes.text('data_format', 'NHWC');
  return executeOne('BiasAdd', [attributes.type('T', value.type), format], [value, bias]);
}

/** The bias' gradient: the sum over all but the last dimension. */
export function biasAddGrad(gradient: Handle): Handle {
  const format = attributes.text('data_format', 'NHWC');
  return executeOne('BiasAddGrad', [attributes.type('T', gradient.type), format], [gradient]);
}
