import type { EpochMetrics } from '../../contracts/schemas/documents';
import type { TrainerJob, TrainerProgress } from '../../contracts/schemas/trainer';
import type { WarmTrainers } from './warm-trainers';

/** What starting a run's trainer takes. */
export interface TrainerStart {
  /** How this machine starts a trainer process (`runTrainer`): the program, then its arguments. */
  readonly command: readonly string[];
  readonly job: TrainerJob;
  /** Where trainers wait between jobs; without it each ends with its own. */
  readonly warm?: WarmTrainers | undefined;
  /** Of which the trainer is given only what `trainer-environment.ts` lists. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A GPU for each process of the run: its UUID, or as CUDA numbers them. Without any, what the environment says. */
  readonly visibleDevices?: readonly string[];
  readonly onProgress: (progress: TrainerProgress) => void;
  /** Hears what a person should know, such as a checkpoint that was passed over. */
  readonly onNotice?: (message: string) => void;
  /** Hears of each epoch that is complete; of those that an earlier trainer did first. */
  readonly onEpoch?: (metrics: EpochMetrics) => void;
  /** Aborting has the trainer save a checkpoint and end; it goes on from there when it is started again. */
  readonly signal: AbortSignal;
  /** Milliseconds without progress after which a trainer counts as stuck; from DROVER_STALL_SECONDS. */
  readonly stallAfterMs: number;
  /** Milliseconds that an unwanted trainer has for its checkpoint before it is killed. */
  readonly graceMs?: number;
}

/** Of a run that is trained to its end. */
export type WholeStart = Omit<TrainerStart, 'job'> & { readonly job: Omit<TrainerJob, 'until'> };
