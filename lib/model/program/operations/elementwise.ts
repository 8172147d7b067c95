import { free, scalar, type Handle } from '../../../tensorflow/handles';
import { activate, activateGrad, type Activation } from '../../../tensorflow/operations/activation';
import {
  add,
  addAll,
  cast,
  concat,
  greaterEqual,
  mul,
  reshape,
  slice,
} from '../../../tensorflow/operations/arithmetic';
import { statelessUniform } from '../../../tensorflow/operations/random';
import type { Operation } from '../operation';

const fixed = { variables: [], statistics: [], dispose: () => undefined } as const;

/** The same values under a handle of their own. */
function view(value: Handle): Handle {
  return reshape(value, value.shape);
}

export function activation(name: string, kind: Activation): Operation {
  return {
    ...fixed,
    name,
    forward([value]) {
      if (value === undefined) throw new Error(`${name} reads one tensor`);
      if (kind === 'linear') {
        return { output: view(value), backward: (gradient) => [view(gradient)] };
      }
      const output = activate(value, kind);
      return { output, backward: (gradient) => [activateGrad(gradient, output, kind)] };
    },
  };
}

/** Of each number, left out with the probability `rate` in training, the others made as much larger. */
export function dropout(name: string, rate: number): Operation {
  return {
    ...fixed,
    name,
    forward([value], { training, key }, back) {
      if (value === undefined) throw new Error(`${name} reads one tensor`);
      if (!training || rate === 0) {
        return { output: view(value), backward: (gradient) => [view(gradient)] };
      }
      const [least, larger] = [scalar(rate), scalar(1 / (1 - rate))];
      const drawn = statelessUniform(value.shape, key(name));
      const kept = greaterEqual(drawn, least);
      const ones = cast(kept, 'float32');
      const mask = mul(ones, larger);
      free(least, larger, drawn, kept, ones);
      const output = mul(value, mask);
      if (!back) {
        free(mask);
        return { output };
      }
      return {
        output,
        backward(gradient) {
          const before = mul(gradient, mask);
          free(mask);
          return [before];
        },
      };
    },
  };
}

/** The sum of tensors of one shape. */
export function addition(name: string): Operation {
  return {
    ...fixed,
    name,
    forward(values) {
      const [first, second] = values;
      const output = first && second && values.length === 2 ? add(first, second) : addAll(values);
      return {
        output,
        backward: (gradient, wanted) => wanted.map((is) => (is ? view(gradient) : undefined)),
      };
    },
  };
}

/** One after the other along the last dimension. */
export function concatenation(name: string): Operation {
  return {
    ...fixed,
    name,
    forward(values) {
      return {
        output: concat(values, (values[0]?.shape.length ?? 1) - 1),
        backward(gradient, wanted) {
          let from = 0;
          return values.map(({ shape }, at) => {
            const begin = shape.map((_, axis) => (axis === shape.length - 1 ? from : 0));
            from += shape.at(-1) ?? 0;
            return wanted[at] === true ? slice(gradient, begin, shape) : undefined;
          });
        },
      };
    },
  };
}
