import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { refSchema } from '../../contracts/schemas/documents';
import { runConfigSchema } from '../../contracts/schemas/run';
import { trainerPartSchema } from '../../contracts/schemas/trainer';
import { openPrepared } from '../../lib/data/prepared-set';
import { createNetwork } from '../../lib/model/networks';
import { createFolderStore } from '../../lib/storage/folder-store';
import { download } from '../../lib/tensorflow/handles';
import { picturesOf, trainingBatches } from '../../lib/training/batches';
import { createLearner } from '../../lib/training/learner';
import { createObjective } from '../../lib/training/objective';
import { Team } from '../../lib/training/parallel/team';
import { loadSplit, shapeOf } from '../../lib/training/training-data';

/** One process that learns for some steps, alone or as a part of a team, and writes down what it saw. */
const askedSchema = z.object({
  storeLocation: z.string(),
  prepared: refSchema<'prepared'>(),
  config: runConfigSchema,
  part: trainerPartSchema.optional(),
  steps: z.int(),
  /** Of the file that the answer is written to. */
  answer: z.string(),
});

/** What {@link main} writes. */
export interface Seen {
  /** Mean of each step. */
  readonly losses: number[];
  /** Of the first step, one variable after the other. */
  readonly gradient: number[];
}

async function main(): Promise<void> {
  const asked = askedSchema.parse(JSON.parse(process.argv[2] ?? ''));
  const { config, part, steps } = asked;
  const prepared = await openPrepared(createFolderStore(asked.storeLocation), asked.prepared);
  const shape = shapeOf(prepared);
  const train = picturesOf(await loadSplit(prepared, 'train'), shape);
  const model = createNetwork(config.network, shape, prepared.index.normalisation, config.seed);
  const objective = createObjective({ classes: shape.classes, smoothing: 0, weights: undefined });
  const learner = createLearner({ model, config, objective, statistics: 'batch' });
  const team = part && (await Team.meet(part));
  await team?.begin(learner, 0);

  const seen: Seen = { losses: [], gradient: [] };
  const augmentation = undefined;
  for (let step = 1, epoch = 1; step <= steps; epoch += 1) {
    const options = { batchSize: config.batch_size, augmentation, seed: config.seed, epoch };
    for (const batch of trainingBatches(train, { ...options, ...(part && { part }) })) {
      const own = learner.compute(batch, step);
      const { computed, count } = team
        ? await team.add(own, batch.count, step, () => 'go-on')
        : { computed: own, count: batch.count };
      if (step === 1)
        seen.gradient.push(...computed.gradients.flatMap((gradient) => [...download(gradient)]));
      seen.losses.push(computed.figures.loss / count);
      learner.apply(computed, { step, rate: config.lr });
      step += 1;
      if (step > steps) break;
    }
  }
  await team?.settle(learner, steps);
  writeFileSync(asked.answer, JSON.stringify(seen));
  process.exit(0);
}

void main();
