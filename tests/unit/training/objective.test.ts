import { describe, expect, it } from '@jest/globals';
import { download, scoped, upload } from '../../../lib/tensorflow/handles';
import { classWeights, createObjective, type ObjectiveSettings } from '../../../lib/training/objective';

const logits = [
  [2, -1, 0.5],
  [0.1, 0.2, 0.3],
  [-1, 3, 0],
];
const labels = Int32Array.from([0, 2, 1]);

function softmax(row: readonly number[]): number[] {
  const powers = row.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** Loss and gradient of each row against a distribution, by their definition. */
function expected(targets: readonly (readonly number[])[], weights: readonly number[]) {
  return logits.map((row, at) => {
    const [answer, target, weight] = [softmax(row), targets[at] ?? [], weights[at] ?? 1];
    const loss = -answer.reduce((sum, p, index) => sum + (target[index] ?? 0) * Math.log(p), 0);
    const gradient = answer.map((p, index) => ((p - (target[index] ?? 0)) * weight) / 3);
    return { loss: weight * loss, gradient };
  });
}

function found(settings: Partial<ObjectiveSettings>, mix?: { partners: Int32Array; shares: Float32Array }) {
  const objective = createObjective({ classes: 3, smoothing: 0, weights: undefined, ...settings });
  return scoped(() => {
    const values = upload(Float32Array.from(logits.flat()), [3, 3]);
    const { losses, gradient } = objective.entropy(values, objective.targets(labels, mix), {
      from: 0,
      of: 3,
      scale: 1,
    });
    const [loss, flat] = [download(losses), download(gradient)];
    return logits.map((_, at) => ({
      loss: loss[at] ?? NaN,
      gradient: [...flat.subarray(at * 3, at * 3 + 3)],
    }));
  });
}

function close(ours: ReturnType<typeof found>, theirs: ReturnType<typeof expected>): void {
  ours.forEach(({ loss, gradient }, at) => {
    expect(loss).toBeCloseTo(theirs[at]?.loss ?? NaN, 5);
    gradient.forEach((value, index) => expect(value).toBeCloseTo(theirs[at]?.gradient[index] ?? NaN, 6));
  });
}

const hot = (label: number): number[] => [0, 1, 2].map((index) => (index === label ? 1 : 0));

describe('the objective', () => {
  it('is the cross entropy, its gradient that of the mean over the batch', () => {
    close(found({}), expected([...labels].map(hot), [1, 1, 1]));
  });

  it('spreads its smoothing over all classes', () => {
    const smooth = [...labels].map((label) => hot(label).map((is) => 0.9 * is + 0.1 / 3));
    close(found({ smoothing: 0.1 }), expected(smooth, [1, 1, 1]));
  });

  it('weighs each picture by its class', () => {
    close(found({ weights: [2, 0.5, 1] }), expected([...labels].map(hot), [2, 1, 0.5]));
  });

  it('asks of mixed pictures what both have, each by its share, weights too', () => {
    const mix = { partners: Int32Array.from([1, 0, 2]), shares: Float32Array.from([0.75, 0.5, 1]) };
    const targets = [
      [0.75, 0, 0.25],
      [0.5, 0, 0.5],
      [0, 1, 0],
    ];
    close(found({ weights: [2, 0.5, 1] }, mix), expected(targets, [1.75, 1.5, 0.5]));
  });

  it('of a part is the part of the whole', () => {
    const objective = createObjective({ classes: 3, smoothing: 0.1, weights: [1, 2, 3] });
    const whole = found({ smoothing: 0.1, weights: [1, 2, 3] });
    const part = scoped(() => {
      const values = upload(Float32Array.from(logits.slice(1).flat()), [2, 3]);
      const options = { from: 1, of: 3, scale: 1 };
      return [...download(objective.entropy(values, objective.targets(labels, undefined), options).gradient)];
    });
    const rest = whole.slice(1).flatMap(({ gradient }) => gradient);
    part.forEach((value, at) => expect(value).toBeCloseTo(rest[at] ?? NaN, 7));
  });
});

describe('class weights', () => {
  const classes = ['cat', 'dog', 'fly'];
  it('balanced give every class the same say', () => {
    expect(classWeights('balanced', classes, Int32Array.from([0, 0, 0, 1, 1, 1, 1, 1, 2]))).toEqual([
      1, 0.6, 3,
    ]);
  });

  it('are those that were given, 1 where none was', () => {
    expect(classWeights({ dog: 4 }, classes, labels)).toEqual([1, 4, 1]);
    expect(classWeights('none', classes, labels)).toBeUndefined();
  });

  it('of a class that is not there are refused', () => {
    expect(() => classWeights({ dogs: 4 }, classes, labels)).toThrow(
      /class_weights.dogs.*did you mean "dog"/,
    );
  });
});
