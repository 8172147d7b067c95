import { free, type Handle } from '../../../tensorflow/handles';
import {
  batchNormGrad,
  batchNormInference,
  batchNormTraining,
} from '../../../tensorflow/operations/batch-norm';
import type { Operation } from '../operation';
import type { Parameter } from '../parameter';

export interface BatchNorm {
  readonly name: string;
  readonly gamma: Parameter;
  readonly beta: Parameter;
  readonly mean: Parameter;
  readonly variance: Parameter;
  readonly epsilon: number;
  /** Of the moving statistics; undefined where they stay as they are, also in training. */
  readonly momentum: number | undefined;
}

/** Batch normalisation of `[batch, height, width, channels]`. */
export function batchNorm(made: BatchNorm): Operation {
  const { name, gamma, beta, mean, variance, epsilon, momentum } = made;
  const parameters = [gamma, beta, mean, variance];

  const withAll = <T>(work: (scale: Handle, offset: Handle, mean: Handle, variance: Handle) => T): T =>
    gamma.use((a) => beta.use((b) => mean.use((c) => variance.use((d) => work(a, b, c, d)))));

  return {
    name,
    variables: [gamma.variable, beta.variable].filter((variable) => variable !== undefined),
    statistics: [mean.variable, variance.variable].filter((variable) => variable !== undefined),
    forward([images], pass, back) {
      if (images === undefined) throw new Error(`${name} reads one tensor`);
      const byBatch = pass.training && momentum !== undefined;
      const done = withAll((scale, offset, middle, spread) => {
        const input = { images, scale, offset, mean: middle, variance: spread };
        if (!byBatch) return batchNormInference(input, epsilon);
        return batchNormTraining(input, { epsilon, share: 1 - momentum });
      });
      const { output, moving, reserve } = done;
      if (moving) {
        mean.variable?.assign(moving.mean);
        variance.variable?.assign(moving.variance);
        free(moving.mean, moving.variance);
      }
      const drop = (): void => free(reserve.mean, reserve.variance, reserve.more);
      if (!back) {
        drop();
        return { output };
      }
      return {
        output,
        backward(gradient, [wanted]) {
          const settings = { epsilon, training: byBatch };
          const found = gamma.use((scale) => batchNormGrad(gradient, images, scale, reserve, settings));
          drop();
          if (gamma.variable) pass.learn(gamma.variable, found.scale);
          else free(found.scale);
          if (beta.variable) pass.learn(beta.variable, found.offset);
          else free(found.offset);
          if (wanted === true) return [found.images];
          free(found.images);
          return [undefined];
        },
      };
    },
    dispose() {
      for (const parameter of parameters) parameter.dispose();
    },
  };
}
