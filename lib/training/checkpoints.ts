import { checkpointSchema, type Checkpoint } from '../../contracts/schemas/trainer';
import type { EpochMetrics } from '../../contracts/schemas/documents';
import { parseDocument, putJson, putRef, readRef } from '../storage/refs';
import type { Store } from '../storage/store';

/** A training between two epochs: all that it takes to go on as if nothing had happened. */
export interface TrainingState {
  /** Epochs that are complete. */
  readonly epoch: number;
  readonly best: EpochMetrics;
  readonly history: readonly EpochMetrics[];
  /** The weights and the optimiser's slots, as the learner gives them. */
  readonly learner: Float32Array;
  /** The best epoch's weights. */
  readonly bestWeights: Float32Array;
}

/** How many checkpoints of a run are kept: the newest, and one more in case that one is damaged. */
const kept = 2;

/**
 * The checkpoints of one run, under `runs/<run>/checkpoints/<epoch>/`. A checkpoint counts once its
 * `checkpoint.json` is there, which is written last.
 */
export class Checkpoints {
  readonly #store: Store;
  readonly #run: string;
  readonly #environment: Checkpoint['environment'];

  constructor(store: Store, run: string, environment: Checkpoint['environment']) {
    this.#store = store;
    this.#run = run;
    this.#environment = environment;
  }

  async save(state: TrainingState): Promise<void> {
    const { epoch, best, history, learner, bestWeights } = state;
    const folder = `${this.#prefix}${String(epoch).padStart(5, '0')}`;
    const bytes = Buffer.concat([asBytes(learner), asBytes(bestWeights)]);
    const ref = await putRef<'state'>(this.#store, `${folder}/state.bin`, bytes);
    const checkpoint = { run: this.#run, epoch, state: ref, best, history, environment: this.#environment };
    await putJson(this.#store, `${folder}/checkpoint.json`, checkpoint);
    for (const key of (await this.#complete()).slice(kept)) await this.#remove(key);
  }

  /**
   * The newest checkpoint that is whole, or undefined where there is none.
   *
   * @param sizes - How many numbers each part must have.
   * @param notice - Hears of checkpoints that are passed over, and why.
   */
  async newest(
    sizes: { readonly learner: number; readonly weights: number },
    notice: (message: string) => void,
  ): Promise<TrainingState | undefined> {
    for (const key of await this.#complete()) {
      try {
        const { epoch, best, history, state, environment } = parseDocument(
          await this.#store.read(key),
          checkpointSchema,
          key,
        );
        const bytes = await readRef(this.#store, state);
        if (bytes.length !== (sizes.learner + sizes.weights) * 4) throw new Error('it is of another network');
        // A copy, which begins where a Float32Array may begin.
        const values = new Float32Array(
          bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
        );
        if (JSON.stringify(environment) !== JSON.stringify(this.#environment)) {
          notice(`Epoch ${epoch} was trained on another kind of machine: the bytes will not repeat.`);
        }
        return {
          epoch,
          best,
          history,
          learner: values.slice(0, sizes.learner),
          bestWeights: values.slice(sizes.learner),
        };
      } catch (error) {
        notice(`Checkpoint ${key} is passed over: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return undefined;
  }

  /** Removes them all, half ones too, once the run has its result. */
  async clear(): Promise<void> {
    for (const key of await this.#complete()) await this.#remove(key);
    for await (const key of this.#store.list(this.#prefix)) await this.#store.remove(key);
  }

  get #prefix(): string {
    return `runs/${this.#run}/checkpoints/`;
  }

  /** The keys of every `checkpoint.json`, newest first. */
  async #complete(): Promise<string[]> {
    const keys: string[] = [];
    for await (const key of this.#store.list(this.#prefix)) {
      if (key.endsWith('/checkpoint.json')) keys.push(key);
    }
    return keys.sort().reverse();
  }

  /** What makes it count goes first. */
  async #remove(key: string): Promise<void> {
    await this.#store.remove(key);
    await this.#store.remove(key.replace(/checkpoint\.json$/, 'state.bin'));
  }
}

function asBytes(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
