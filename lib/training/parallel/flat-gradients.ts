import { download, keep, upload, type Handle } from '../../tensorflow/handles';
import type { Computed } from '../learner';

/** What is done after a step. */
export type Turn = 'go-on' | 'save' | 'stop';
const turns: readonly Turn[] = ['go-on', 'save', 'stop'];

/** Loss, right answers, pictures, turn: float64 each. */
const figures = 4;
const figureBytes = figures * 8;

/**
 * What one process has to say of a step, or all of them together, as bytes: the figures, then all gradients as float32, one
 * variable after the other. Both in the machine's own order: the processes are on one machine.
 */
export class FlatGradients {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #figures: Float64Array;
  readonly #values: Float32Array;

  /** @param bytes - From the start of a buffer, {@link FlatGradients.bytesFor} of them. */
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes;
    this.#figures = new Float64Array(bytes.buffer, bytes.byteOffset, figures);
    this.#values = new Float32Array(bytes.buffer, bytes.byteOffset + figureBytes);
  }

  static bytesFor(parameters: number): number {
    return figureBytes + 4 * parameters;
  }

  /** @param computed - Its gradients are copied. */
  fill({ figures: { loss, correct }, gradients }: Computed, count: number): void {
    this.#figures.set([loss, correct, count, 0]);
    let at = 0;
    for (const gradient of gradients) {
      const values = download(gradient);
      this.#values.set(values, at);
      at += values.length;
    }
    if (at !== this.#values.length) throw new Error(`${at} numbers came where ${this.#values.length} fit`);
  }

  set turn(turn: Turn) {
    this.#figures[3] = turns.indexOf(turn);
  }

  get turn(): Turn {
    return turns[this.#figures[3] ?? 0] ?? 'go-on';
  }

  get count(): number {
    return this.#figures[2] ?? 0;
  }

  /** @param shapes - Of the variables; the gradients are the caller's to free. */
  computed(shapes: readonly (readonly number[])[]): Computed {
    let at = 0;
    const gradients = shapes.map((shape): Handle => {
      const size = shape.reduce((product, length) => product * length, 1);
      at += size;
      return keep(upload(this.#values.subarray(at - size, at), shape));
    });
    return { figures: { loss: this.#figures[0] ?? NaN, correct: this.#figures[1] ?? 0 }, gradients };
  }
}
