import type { PreparedRef } from '../../contracts/refs';
import type { NetworkNamed } from '../../contracts/schemas/network';
import type { Pruning, RunConfig } from '../../contracts/schemas/run';
import { readBackbone } from '../backbones/backbone';
import type { PreparedSet } from '../data/prepared-set';
import { loadBackbone } from '../model/load-backbone';
import { createNetwork } from '../model/networks';
import { requireForm } from '../model/onnx/require-form';
import { createTransfer } from '../model/transfer';
import type { NetworkShape } from '../model/shape';
import type { Store } from '../storage/store';
import type { tf } from '../tensorflow';
import type { Examples } from './batches';
import { createLearner, type Learner } from './learner';
import { keptFeatures } from './kept-features';
import { classWeights, createObjective, type Objective } from './objective';

/** A part of a run: a learner on examples, for some epochs. Most runs have one. */
export interface Phase {
  readonly name: 'train' | 'head' | 'fine-tune';
  readonly epochs: number;
  readonly lr: number;
  readonly augmentation: RunConfig['augmentation'] | undefined;
  /** Where weights are pruned: in the last part of a run. */
  readonly pruning?: Pruning;
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
  readonly preparedRef: PreparedRef;
  /** Hears that the backbone's features are being computed. */
  readonly onFeatures: () => void;
}

/** The network of a run, and the parts that its training has. */
export interface Plan {
  /** Pixels in, logits out: what is saved at the end. */
  readonly model: tf.LayersModel;
  readonly phases: readonly Phase[];
}

/**
 * @throws Failure `configuration-invalid` where the network, the pictures and the class weights don't fit together;
 *   `not-found` and `digest-mismatch` of a backbone.
 */
export async function planPhases(input: PhasesInput): Promise<Plan> {
  const { network } = input.config;
  return network.name === 'transfer' ? planTransfer(input, network) : planOne(input);
}

function objectiveOf({ config, prepared, shape, train }: PhasesInput): Objective {
  return createObjective({
    classes: shape.classes,
    smoothing: config.label_smoothing,
    weights: classWeights(config.class_weights, prepared.index.classes, train.labels),
  });
}

/** A network that is trained from a random start, in one part. */
function planOne(input: PhasesInput): Plan {
  const { config, prepared, shape, train, validation } = input;
  const { pruning } = config;
  const objective = objectiveOf(input);
  const model = createNetwork(config.network, shape, prepared.index.normalisation, config.seed);
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
        ...(pruning && { pruning }),
        learner: () =>
          createLearner({ model, config, objective, statistics: 'batch', prunes: pruning !== undefined }),
      },
    ],
  };
}

/** A head on a backbone's kept features, then perhaps the backbone's upper part with it. */
async function planTransfer(input: PhasesInput, network: NetworkNamed<'transfer'>): Promise<Plan> {
  const { store, config, shape, train, validation } = input;
  const { sha256: digest, fine_tune: tuning } = network;
  const { pruning } = config;
  if (digest === undefined) throw new Error('a backbone is resolved before its run is named');
  const objective = objectiveOf(input);
  const backbone = await loadBackbone(await readBackbone(store, network.backbone, digest));
  const { model, features, head, learnFrom, requireLayer } = createTransfer(
    network,
    backbone,
    shape,
    config.seed,
  );
  const from = {
    store,
    prepared: input.preparedRef,
    backbone: digest,
    threads: config.threads,
    precision: config.precision,
    onProgress: input.onFeatures,
  };
  // What can't be done at the end, or with a mistyped name, is refused before anything has been learnt for nothing.
  if (tuning) requireLayer(tuning.from);
  requireForm(model);
  const phases: Phase[] = [
    {
      name: 'head',
      epochs: config.epochs,
      lr: config.lr,
      augmentation: undefined,
      train: await keptFeatures(from, 'train', train, features),
      validation: await keptFeatures(from, 'validation', validation, features),
      ...(pruning && !tuning && { pruning }),
      learner: () =>
        createLearner({
          model: head,
          config,
          objective,
          statistics: 'moving',
          prunes: pruning !== undefined && !tuning,
        }),
    },
  ];
  if (tuning) {
    phases.push({
      name: 'fine-tune',
      epochs: tuning.epochs,
      lr: tuning.lr,
      augmentation: config.augmentation,
      train,
      validation,
      ...(pruning && { pruning }),
      learner() {
        learnFrom(tuning.from);
        return createLearner({
          model,
          config,
          objective,
          statistics: 'moving',
          prunes: pruning !== undefined,
        });
      },
    });
  }
  return { model, phases };
}
