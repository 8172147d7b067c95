import { describe, expect, it } from '@jest/globals';
import { Failure } from '../../../contracts/failures';
import type { Prediction } from '../../../contracts/schemas/evaluation';
import { gateSchema, promotionSchema, type Gate } from '../../../contracts/schemas/promotion';
import { judgePromotion } from '../../../lib/promotion/judge';
import { judgeNotWorse } from '../../../lib/promotion/gates/not-worse';
import { pairUp, type Pair } from '../../../lib/promotion/gates/pairs';
import { createRandom } from '../../../lib/random';
import { exampleEvaluation } from '../evaluation/example';

const classes = ['cat', 'dog'];
const evaluation = exampleEvaluation();
const sha = (index: number): string => index.toString(16).padStart(64, '0');

/** Answers by a seed: right so often, of two classes in turn. */
function answers(count: number, seed: number, right = 0.8): Prediction[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const truth = index % 2;
    const sure = 0.5 + random.next() / 2;
    const isRight = random.next() < right;
    const ofTruth = isRight ? sure : 1 - sure;
    return {
      picture: sha(index),
      truth,
      probabilities: truth === 0 ? [ofTruth, 1 - ofTruth] : [1 - ofTruth, ofTruth],
    };
  });
}

function pairs(candidate: readonly Prediction[], champion: readonly Prediction[]): Pair[] {
  return pairUp({ evaluation, predictions: candidate }, { evaluation, predictions: champion });
}

const gate = (fields: Partial<Gate>): Gate =>
  gateSchema.parse({ metric: 'accuracy', not_worse_by: 0.02, ...fields });

const gates: readonly (readonly [string, Gate, number])[] = [
  ['accuracy', gate({}), 0.02],
  ['loss', gate({ metric: 'loss', not_worse_by: 0.05 }), 0.05],
  ['brier', gate({ metric: 'brier', not_worse_by: 0.05 }), 0.05],
  ['recall of every class', gate({ metric: 'recall', class: 'every', not_worse_by: 0.05 }), 0.05],
];

describe.each(gates)('a copy of the champion, by %s', (_, asked, margin) => {
  it.each([1, 2, 3, 4, 5])('passes with enough pictures and is undecided with few (seed %d)', (seed) => {
    const champion = answers(2000, seed);
    const of = (count: number) => {
      const some = champion.slice(0, count);
      return judgeNotWorse(asked, margin, pairs(some, some), classes);
    };
    expect(of(2000).verdict).toBe('pass');
    const few = of(20);
    expect(few.verdict).toBe('undecided');
    const needed = Number(/about (\d+) pictures would decide it/.exec(few.why)?.[1]);
    // The number that it says is enough: of each class, where it is of a class.
    expect(of(asked.metric === 'recall' ? needed * 2 : needed).verdict).toBe('pass');
  });

  it('is undecided of no pictures at all', () => {
    expect(judgeNotWorse(asked, margin, [], classes).verdict).toBe('undecided');
  });
});

describe('judgeNotWorse', () => {
  it('passes a candidate that is as good by chance alone, with pictures enough', () => {
    const { verdict, value } = judgeNotWorse(
      gate({ not_worse_by: 0.05 }),
      0.05,
      pairs(answers(4000, 1), answers(4000, 2)),
      classes,
    );
    expect(verdict).toBe('pass');
    expect(value).toBeGreaterThan(-0.05);
  });

  it.each([
    ['accuracy', gate({}), 0.02],
    ['loss', gate({ metric: 'loss' }), 0.02],
    ['brier', gate({ metric: 'brier' }), 0.02],
  ] as const)('fails a candidate that is plainly worse by %s', (_, asked, margin) => {
    const worse = pairs(answers(1000, 1, 0.6), answers(1000, 2, 0.9));
    expect(judgeNotWorse(asked, margin, worse, classes)).toMatchObject({ verdict: 'fail' });
  });

  it('fails one that is worse on one class alone, where every class is asked, and names the class', () => {
    const champion = answers(2000, 3, 0.9);
    const forgetful = champion.map((one) => (one.truth === 1 ? { ...one, probabilities: [0.9, 0.1] } : one));
    const every = gate({ metric: 'recall', class: 'every', not_worse_by: 0.05 });
    const judged = judgeNotWorse(every, 0.05, pairs(forgetful, champion), classes);
    expect(judged.verdict).toBe('fail');
    expect(judged.why).toContain('the recall of dog');
    const cat = gate({ metric: 'recall', class: 'cat', not_worse_by: 0.05 });
    expect(judgeNotWorse(cat, 0.05, pairs(forgetful, champion), classes).verdict).toBe('pass');
  });

  it('fails and is not undecided for ever, where there were pictures enough to show that it is not worse', () => {
    // Four points worse than a margin of two, seen on twenty thousand pictures, is no lack of pictures.
    const champion = answers(20_000, 4, 0.9);
    const candidate = champion.map((one, index) =>
      index % 48 === 0 ? { ...one, probabilities: one.truth === 0 ? [0.1, 0.9] : [0.9, 0.1] } : one,
    );
    expect(judgeNotWorse(gate({}), 0.02, pairs(candidate, champion), classes).verdict).toBe('fail');
  });

  it('is undecided of a class without pictures, and says which', () => {
    const onlyCats = answers(400, 1).filter(({ truth }) => truth === 0);
    const every = gate({ metric: 'recall', class: 'every', not_worse_by: 0.05 });
    const judged = judgeNotWorse(every, 0.05, pairs(onlyCats, onlyCats), classes);
    expect(judged).toMatchObject({ verdict: 'undecided' });
    expect(judged.why).toContain('no test picture for the recall of dog');
  });

  it('passes of a champion that is worse at most as often as it says: 1 in 20', () => {
    // Exactly at the margin: the candidate is worse by 0.05 in truth.
    let passed = 0;
    const trials = 400;
    for (let trial = 0; trial < trials; trial += 1) {
      const judged = judgeNotWorse(
        gate({ not_worse_by: 0.05 }),
        0.05,
        pairs(answers(300, 2 * trial + 1, 0.75), answers(300, 2 * trial + 2, 0.8)),
        classes,
      );
      if (judged.verdict === 'pass') passed += 1;
    }
    // 20 are expected; more than 34 of 400 come once in a thousand.
    expect(passed).toBeLessThanOrEqual(34);
  });
});

describe('pairUp', () => {
  it('pairs by picture, whatever order the two have their pictures and classes in', () => {
    const champion = answers(50, 1);
    const turned = {
      evaluation: exampleEvaluation({ perClass: [...evaluation.perClass].reverse() }),
      predictions: [...champion]
        .reverse()
        .map((one) => ({ ...one, truth: 1 - one.truth, probabilities: [...one.probabilities].reverse() })),
    };
    const paired = pairUp(turned, { evaluation, predictions: champion });
    expect(paired).toHaveLength(50);
    for (const pair of paired) expect(pair.candidate).toEqual(pair.champion);
  });

  it('pairs the same bytes under two labels each with its own', () => {
    const twice: Prediction[] = [
      { picture: sha(1), truth: 0, probabilities: [0.9, 0.1] },
      { picture: sha(1), truth: 1, probabilities: [0.9, 0.1] },
    ];
    const paired = pairs(twice, [...twice].reverse());
    expect(paired.map(({ truth }) => truth)).toEqual(['cat', 'dog']);
  });

  it('refuses answers to other pictures', () => {
    expect(() => pairs(answers(10, 1), answers(9, 1))).toThrow(Failure);
    expect(() => pairs(answers(9, 1), answers(10, 1))).toThrow(/not asked about the same test pictures/);
  });
});

describe('a gate that compares', () => {
  const champion = {
    version: 1,
    evaluation: exampleEvaluation({ model: { uri: 'store://m', sha256: 'd'.repeat(64) } }),
  };
  const rules = promotionSchema.parse({ gates: [{ metric: 'accuracy', not_worse_by: 0.05 }] });
  const facts = { evaluation, parity: 0, dataAgeDays: 1 };

  it('takes the place of having to be better', () => {
    const predictions = answers(640, 1);
    const { verdict } = judgePromotion({
      candidate: { ...facts, predictions },
      champion: { ...champion, predictions },
      rules,
    });
    expect(verdict).toBe('pass');
    const both = promotionSchema.parse({ ...rules, min_improvement: 0 });
    expect(
      judgePromotion({
        candidate: { ...facts, predictions },
        champion: { ...champion, predictions },
        rules: both,
      }).verdict,
    ).toBe('fail');
  });

  it('is undecided where an evaluation kept no answers', () => {
    const { gates: outcomes } = judgePromotion({ candidate: facts, champion, rules });
    expect(outcomes).toMatchObject([
      { verdict: 'undecided', why: expect.stringContaining('evaluate both again') },
    ]);
  });

  it('passes where there is no champion', () => {
    expect(judgePromotion({ candidate: facts, rules }).verdict).toBe('pass');
  });
});
