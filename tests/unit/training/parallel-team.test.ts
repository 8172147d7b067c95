import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { runConfigSchema } from '../../../contracts/schemas/run';
import { createNetwork } from '../../../lib/model/networks';
import { createRandom } from '../../../lib/random';
import { download } from '../../../lib/tensorflow/handles';
import { trainingBatches, type Batch, type Examples } from '../../../lib/training/batches';
import { createLearner, type Learner } from '../../../lib/training/learner';
import { createObjective } from '../../../lib/training/objective';
import { Team } from '../../../lib/training/parallel/team';

const shape = { height: 8, width: 8, channels: 1, classes: 3 };
const resnet = { name: 'resnet', filters: [3, 4], blocks: 1 };

let folder: string;
let teams: Team[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drover-team-'));
  const part = { n: 3, socket: path.join(folder, 's'), token: 'c'.repeat(64) };
  teams = await Promise.all([0, 1, 2].map((k) => Team.meet({ ...part, k })));
});

afterEach(async () => {
  for (const team of teams) team.close();
  await rm(folder, { recursive: true, force: true });
});

function learnerOf(settings: object = {}): Learner {
  const config = runConfigSchema.parse({ network: resnet, ema: 0.5, ...settings });
  const model = createNetwork(config.network, shape, { mean: [100], std: [50] }, config.seed);
  const objective = createObjective({ classes: 3, smoothing: 0, weights: undefined });
  return createLearner({ model, config, objective, statistics: 'batch' });
}

function examples(count: number): Examples {
  const random = createRandom('team');
  return {
    count,
    shape: [8, 8, 1],
    values: Uint8Array.from({ length: count * 64 }, () => random.int(256)),
    labels: Int32Array.from({ length: count }, (_, at) => at % 3),
  };
}

/** Each member's part of the one batch there is. */
function partsOf(count: number): Batch[] {
  const options = { batchSize: count, augmentation: undefined, seed: 1, epoch: 1 };
  return teams.flatMap(({ part }) => [...trainingBatches(examples(count), { ...options, part })]);
}

/** All members at once, as processes do. */
function all<T>(work: (team: Team, k: number) => Promise<T>): Promise<T[]> {
  return Promise.all(teams.map(work));
}

async function oneStep(learners: readonly Learner[], count: number, step: number): Promise<number[]> {
  const parts = partsOf(count);
  return all(async (team, k) => {
    const [learner, batch] = [learners[k], parts[k]];
    if (!learner || !batch) throw new Error('one for each');
    const added = await team.add(learner.compute(batch, step), batch.count, step, () => 'go-on');
    learner.apply(added.computed, { step, rate: 0.01 });
    return added.count;
  });
}

const begun = (learners: readonly Learner[]): Promise<unknown> =>
  all((team, k) => team.begin(learners[k] ?? learnerOf(), 0));

describe('a team', () => {
  it('adds up parts, of which some are empty, to the gradient of the whole batch', async () => {
    const network = { name: 'cnn', filters: [3], dense: 4 };
    const learners = [1, 2, 3].map(() => learnerOf({ network }));
    await begun(learners);
    const parts = partsOf(2);
    expect(parts.map(({ count }) => count)).toEqual([0, 1, 1]);
    const added = await all((team, k) => {
      const [learner, batch] = [learners[k], parts[k]];
      if (!learner || !batch) throw new Error('one for each');
      return team.add(learner.compute(batch, 1), batch.count, 1, () => (team.leads ? 'save' : 'go-on'));
    });
    const [whole] = [
      ...trainingBatches(examples(2), { batchSize: 2, augmentation: undefined, seed: 1, epoch: 1 }),
    ];
    const alone = whole && learners[0]?.compute(whole, 1);
    const expected = alone?.gradients.flatMap((gradient) => [...download(gradient)]) ?? [];
    for (const { computed, count, turn } of added) {
      expect([count, turn]).toEqual([2, 'save']);
      expect(computed.figures.correct).toBe(alone?.figures.correct);
      expect(computed.figures.loss).toBeCloseTo(alone?.figures.loss ?? NaN, 5);
      const found = computed.gradients.flatMap((gradient) => [...download(gradient)]);
      expect(found).toHaveLength(expected.length);
      found.forEach((value, at) => expect(value).toBeCloseTo(expected[at] ?? NaN, 5));
    }
  });

  it('keeps weights equal to the bit while each counts its own pictures, whose mean all have at the end of an epoch', async () => {
    const learners = [1, 2, 3].map(() => learnerOf());
    await begun(learners);
    expect(await oneStep(learners, 9, 1)).toEqual([9, 9, 9]);
    await oneStep(learners, 7, 2);
    const common = learners.map((learner) => learner.common());
    expect(common[1]).toEqual(common[0]);
    expect(common[2]).toEqual(common[0]);
    const own = learners.map((learner) => learner.own());
    expect(own[1]).not.toEqual(own[0]);

    await all((team, k) => team.settle(learners[k] ?? learnerOf(), 2));
    const mean = own[0]?.map((value, at) => (value + (own[1]?.[at] ?? NaN) + (own[2]?.[at] ?? NaN)) / 3);
    for (const learner of learners) expect(learner.own()).toEqual(mean);
    expect(learners[1]?.state()).toEqual(learners[0]?.state());
  });

  it('goes on from a checkpoint with what each had counted for itself', async () => {
    const learners = [1, 2, 3].map(() => learnerOf());
    await begun(learners);
    await oneStep(learners, 9, 1);
    await all((team, k) => team.collect(learners[k] ?? learnerOf(), 1));
    const state = teams[0]?.state(learners[0] ?? learnerOf());
    const expected = learners.map((learner) => learner.state());

    const others = [1, 2, 3].map(() => learnerOf({ seed: 2 }));
    await all((team, k) => team.begin(others[k] ?? learnerOf(), 1, state));
    expect(others.map((learner) => learner.state())).toEqual(expected);
    expect(teams[0]?.state(others[0] ?? learnerOf())).toEqual(state);
  });

  it('fails where weights differ, saying whose', async () => {
    const learners = [1, 2, 3].map((seed) => learnerOf({ seed: Math.min(seed, 2) }));
    const ends = await Promise.allSettled([
      ...teams.map(async (team, k) => {
        try {
          await team.begin(learners[k] ?? learnerOf(), 5);
        } finally {
          team.close();
        }
      }),
    ]);
    expect(ends.map((end) => (end.status === 'rejected' ? (end.reason as unknown) : 'none'))).toEqual([
      expect.objectContaining({
        type: 'training-differs',
        message: expect.stringMatching(/^At step 5 the weights of process 2 of 3/) as unknown,
      }),
      expect.objectContaining({ type: 'trainer-died' }),
      expect.objectContaining({ type: 'trainer-died' }),
    ]);
  });

  it('has all know what the leader alone does, and all hear when one is gone', async () => {
    const schema = z.strictObject({ answer: z.number() });
    let asked = 0;
    const told = await all((team) =>
      team.told(schema, 0, () => {
        asked += 1;
        return Promise.resolve({ answer: 0.1 + 0.2 });
      }),
    );
    expect(told).toEqual(Array(3).fill({ answer: 0.1 + 0.2 }));
    expect(asked).toBe(1);

    const lost = new Promise((resolve) => {
      teams[0]?.lost.addEventListener('abort', resolve);
    });
    teams[2]?.close();
    await lost;
    expect(teams[0]?.lost.reason).toMatchObject({ type: 'trainer-died', message: /process 3 of 3/ });
  });
});
