import { storeUri } from '../../contracts/refs';
import type { EpochMetrics } from '../../contracts/schemas/documents';
import { checkpointSchema, type Checkpoint } from '../../contracts/schemas/trainer';
import { parseDocument, putJson, readRef, sha256 } from '../storage/refs';
import type { Store } from '../storage/store';

/** What has been learnt of an epoch that is under way. */
export type WithinEpoch = Checkpoint['within'];

/** A training between two steps: all that it takes to go on as if nothing had happened. */
export interface TrainingState {
  readonly phase: number;
  /** Epochs that are complete. */
  readonly epoch: number;
  /** Steps that are done, over the whole run. */
  readonly step: number;
  readonly within: WithinEpoch;
  readonly best: EpochMetrics | undefined;
  readonly history: readonly EpochMetrics[];
  /** All that changes, as the learner gives it. */
  readonly learner: Float32Array;
  /** The best epoch's weights; undefined before the first. */
  readonly bestWeights: Float32Array | undefined;
}

/** How many checkpoints of a run are kept: the newest, and one more in case that one is damaged. */
const kept = 2;

/**
 * The checkpoints of one run, under `runs/<run>/checkpoints/<step>/`. A checkpoint counts once its
 * `checkpoint.json` is there, which is written last. A step may be saved twice, within an epoch and at its end, so its
 * numbers lie under their digest: those that the first one names stay until the second one is whole.
 */
export class Checkpoints {
  readonly #store: Store;
  readonly #run: string;
  readonly #environment: Checkpoint['environment'];
  #seconds = 0;

  constructor(store: Store, run: string, environment: Checkpoint['environment']) {
    this.#store = store;
    this.#run = run;
    this.#environment = environment;
  }

  /** Spent in {@link save}, of this process. */
  get seconds(): number {
    return this.#seconds;
  }

  /** @param capture - Reads the state; its time counts as the checkpoint's. */
  async save(capture: () => TrainingState): Promise<void> {
    const began = performance.now();
    const { learner, bestWeights, best, ...state } = capture();
    const folder = `${this.#prefix}${String(state.step).padStart(9, '0')}`;
    const bytes = Buffer.concat([asBytes(learner), asBytes(bestWeights ?? new Float32Array(0))]);
    const digest = sha256(bytes);
    const stateKey = `${folder}/${digest.slice(0, 16)}.bin`;
    await this.#store.write(stateKey, bytes);
    const ref = { uri: storeUri(stateKey), sha256: digest };
    const numbers = { learner: learner.length, bestWeights: bestWeights?.length ?? 0 };
    const checkpoint = { ...state, numbers, run: this.#run, state: ref, environment: this.#environment };
    await putJson(this.#store, `${folder}/checkpoint.json`, { ...checkpoint, ...(best && { best }) });
    for (const key of (await this.#complete()).slice(kept)) await this.#remove(key);
    this.#seconds += (performance.now() - began) / 1000;
  }

  /**
   * The newest checkpoint that is whole, or undefined where there is none.
   *
   * @param notice - Hears of checkpoints that are passed over, and why.
   */
  async newest(notice: (message: string) => void): Promise<TrainingState | undefined> {
    for (const key of await this.#complete()) {
      try {
        return await this.#read(key, notice);
      } catch (error) {
        notice(`Checkpoint ${key} is passed over: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return undefined;
  }

  async #read(key: string, notice: (message: string) => void): Promise<TrainingState> {
    const found = parseDocument(await this.#store.read(key), checkpointSchema, key);
    const { phase, epoch, step, within, best, history, environment } = found;
    const bytes = await readRef(this.#store, found.state);
    const { learner, bestWeights } = found.numbers;
    if (bytes.length !== (learner + bestWeights) * 4) throw new Error('its parts have other sizes');
    // A copy, which begins where a Float32Array may begin.
    const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    if (JSON.stringify(environment) !== JSON.stringify(this.#environment)) {
      notice(`Epoch ${epoch} was trained on another kind of machine: the bytes will not repeat.`);
    }
    return {
      phase,
      epoch,
      step,
      within,
      best,
      history,
      learner: values.slice(0, learner),
      bestWeights: best ? values.slice(learner) : undefined,
    };
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
    const folder = key.slice(0, -'checkpoint.json'.length);
    for await (const left of this.#store.list(folder)) await this.#store.remove(left);
  }
}

function asBytes(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
