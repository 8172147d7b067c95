import { describe, expect, it } from '@jest/globals';
import { sparseSoftmaxCrossEntropy, tensorflowDevice, tensorflowVersion, tf } from '../../../lib/tensorflow';

function values(tensor: tf.Tensor): number[] {
  return Array.from(tensor.dataSync());
}

describe('native gradients', () => {
  it('passes a gradient through ReLU where its input was positive, and nowhere else', () => {
    const x = tf.tensor1d([-2, -0.5, 0.5, 3]);
    const gradient = tf.grad((input) =>
      tf
        .relu(input)
        .mul(tf.tensor1d([1, 2, 3, 4]))
        .sum(),
    )(x);
    expect(values(gradient)).toEqual([0, 0, 3, 4]);
  });

  it('agrees with the cross entropy that tfjs builds from smaller operations, and with its gradient', () => {
    const logits = tf.tensor2d([
      [2, -1, 0.5],
      [-3, 4, 1],
    ]);
    const labels = tf.tensor1d([2, 1], 'int32');
    const onehot = tf.oneHot(labels, 3);
    const weights = tf.tensor1d([1, 2]);
    const native = (x: tf.Tensor) => sparseSoftmaxCrossEntropy(x.as2D(2, 3), labels).mul(weights).sum();
    const built = (x: tf.Tensor) => tf.neg(tf.logSoftmax(x).mul(onehot).sum(1)).mul(weights).sum();
    expect(native(logits).dataSync()[0]).toBeCloseTo(built(logits).dataSync()[0] ?? NaN, 5);
    const expected = values(tf.grad(built)(logits));
    values(tf.grad(native)(logits)).forEach((value, at) => expect(value).toBeCloseTo(expected[at] ?? NaN, 5));
  });

  it('says which TensorFlow runs, and on what', () => {
    expect(tensorflowVersion()).toMatch(/^\d+\.\d+\.\d+/);
    expect(['cpu', 'gpu']).toContain(tensorflowDevice());
  });
});
