import { free } from '../../../tensorflow/handles';
import {
  activate,
  activateGrad,
  biasAdd,
  biasAddGrad,
  type Activation,
} from '../../../tensorflow/operations/activation';
import { matMul, reshape } from '../../../tensorflow/operations/arithmetic';
import type { ComputeType, Operation } from '../operation';
import type { Parameter } from '../parameter';
import { lowered, raised } from '../precision';

export interface Dense {
  readonly name: string;
  /** `[inputs, units]`. */
  readonly kernel: Parameter;
  readonly bias: Parameter | undefined;
  readonly activation: Activation;
  readonly type: ComputeType;
}

/** activation(x · kernel + bias), of `[batch, inputs]`. */
export function dense({ name, kernel, bias, activation, type }: Dense): Operation {
  return {
    name,
    variables: [kernel.variable, bias?.variable].filter((variable) => variable !== undefined),
    statistics: [],
    forward([rows], pass, back) {
      if (rows === undefined) throw new Error(`${name} reads one tensor`);
      const weights = kernel.use((value) => {
        const { value: low } = lowered(value, type);
        // The parameter's own handle is freed after this; a view of it is not.
        return low === value ? reshape(value, kernel.shape) : low;
      });
      const low = lowered(rows, type);
      let value = raised(matMul(low.value, weights));
      if (bias) {
        const before = value;
        value = bias.use((offset) => biasAdd(before, offset));
        free(before);
      }
      if (activation !== 'linear') {
        const before = value;
        value = activate(before, activation);
        free(before);
      }
      const output = value;
      if (!back) {
        low.drop();
        free(weights);
        return { output };
      }
      return {
        output,
        backward(gradient, [wanted]) {
          const flow = activateGrad(gradient, output, activation);
          const lowFlow = lowered(flow, type);
          if (bias?.variable) pass.learn(bias.variable, biasAddGrad(flow));
          if (kernel.variable)
            pass.learn(kernel.variable, raised(matMul(low.value, lowFlow.value, { a: true })));
          const before = wanted === true ? raised(matMul(lowFlow.value, weights, { b: true })) : undefined;
          low.drop();
          lowFlow.drop();
          free(weights);
          if (flow !== gradient) free(flow);
          return [before];
        },
      };
    },
    dispose() {
      kernel.dispose();
      bias?.dispose();
    },
  };
}
