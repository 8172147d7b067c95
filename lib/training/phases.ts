import type { RunConfig } from '../../contracts/schemas/run';
import type { PreparedSet } from '../data/prepared-set';
import { createNetwork } from '../model/networks';
import type { NetworkShape } from '../model/shape';
import type { Store } from '../storage/store';
import type { tf } from '../tensorflow';
import type { Examples } from './batches';
import { createLearner, type Learner } from './learner';
import { classWeights, createObjective } from './objective';

/** A part of a run: a learner on examples, for some epochs. Most runs have one. */
export interface Phase {
  readonly name: 'train' | 'head' | 'fine-tune';
  readonly epochs: number;
  readonly lr: number;
  readonly augmentation: RunConfig['augmentation'] | undefined;
  readonly train: Examples;
  readonly validation: Examples;
  /** Called once, when the phase begins or is gone on with. */
  learner(): Learner;
}

export interface PhasesInput {
  readonly store: Store;
  readonly config: RunConfig;
  readonly prepared: PreparedSet;
  readonly shape: NetworkShape;
  readonly train: Examples;
  readonly validation: Examples;
}

/** The network of a run, and the parts that its training has. */
export interface Plan {
  /** Pixels in, logits out: what is saved at the end. */
  readonly model: tf.LayersModel;
  readonly phases: readonly Phase[];
}

/** A network that is trained from a random start, in one part. */
export function planPhases({ config, prepared, shape, train, validation }: PhasesInput): Plan {
  const model = createNetwork(config.network, shape, prepared.index.normalisation, config.seed);
  const objective = createObjective({
    classes: shape.classes,
    smoothing: config.label_smoothing,
    weights: classWeights(config.class_weights, prepared.index.classes, train.labels),
  });
  return {
    model,
    phases: [
      {
        name: 'train',
        epochs: config.epochs,
        lr: config.lr,
        augmentation: config.augmentation,
        train,
        validation,
        learner: () => createLearner({ model, config, objective, statistics: 'batch' }),
      },
    ],
  };
}
