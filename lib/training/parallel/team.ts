import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Failure } from '../../../contracts/failures';
import type { TrainerPart } from '../../../contracts/schemas/trainer';
import { free, keep } from '../../tensorflow/handles';
import { add } from '../../tensorflow/operations/arithmetic';
import type { Computed, Learner } from '../learner';
import { FlatGradients, type Turn } from './flat-gradients';
import type { FrameChannel } from './frame-channel';
import { awaitFollowers, joinLeader } from './meet';

/** A step of all processes together. */
export interface TeamStep {
  /** The sum of all parts: the same bytes everywhere. */
  readonly computed: Computed;
  /** Pictures of the step. */
  readonly count: number;
  /** What the leader decided to do next. */
  readonly turn: Turn;
}

/** What the leader tells once all is read that it only reads: the step that it goes on from. */
export const teamStartSchema = z.strictObject({ step: z.int().min(0) });

const digestBytes = 32;

/**
 * The processes that share every step of one run, as one of them sees them. All call the same methods in the same order;
 * each call is a meeting that ends when the leader, process 0, has heard all. Everything is added in the order of the
 * processes, so that the same inputs give the same bytes.
 *
 * Every method but `state` throws Failure `trainer-died` once another process is gone.
 */
export class Team {
  readonly part: { readonly k: number; readonly n: number };
  /** To the leader, or, as the leader, to all others in their order. */
  readonly #channels: readonly FrameChannel[];
  readonly #lost = new AbortController();
  #shapes: readonly (readonly number[])[] = [];
  #flat = new FlatGradients(new Uint8Array(FlatGradients.bytesFor(0)));
  /** What each process counted for itself, as it was last heard; the leader's. */
  #own: readonly Float32Array[] = [];

  private constructor({ k, n }: TrainerPart, channels: readonly FrameChannel[]) {
    this.part = { k, n };
    this.#channels = channels;
    for (const channel of channels) channel.onLost((failure) => this.#lost.abort(failure));
  }

  /** Resolves when all are there. @throws Failure `trainer-died` where they don't come. */
  static async meet(part: TrainerPart): Promise<Team> {
    return new Team(part, part.k === 0 ? await awaitFollowers(part) : [await joinLeader(part)]);
  }

  /** Whether this process decides, and alone writes anything. */
  get leads(): boolean {
    return this.part.k === 0;
  }

  /** Aborted once another process is gone. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * A phase begins, or is gone on with.
   *
   * @param state - From {@link state}.
   * @throws Failure `training-differs` where the processes don't start from the same weights.
   */
  async begin(learner: Learner, step: number, state?: Float32Array): Promise<void> {
    const own = learner.own().length;
    if (state) {
      const { n, k } = this.part;
      const size = learner.sizes.state;
      if (state.length !== size + n * own)
        throw new Error('the checkpoint has another size than the network');
      learner.setState(state.subarray(0, size));
      const parts = this.#all().map((at) => state.slice(size + at * own, size + (at + 1) * own));
      learner.setOwn(parts[k] ?? learner.own());
    }
    this.#shapes = learner.shapes;
    const bytes = FlatGradients.bytesFor(learner.parameters);
    this.#flat = new FlatGradients(new Uint8Array(bytes));
    for (const channel of this.#channels) channel.allow(Math.max(bytes, digestBytes + 4 * own));
    await this.collect(learner, step);
    // Nobody sends gradients before all have room for them.
    await this.#broadcast('mean', step, new Uint8Array(0));
  }

  /**
   * Adds up what all computed in a step.
   *
   * @param count - Pictures of this process' part.
   * @param turn - Asked of the leader's side once all have answered.
   */
  async add(computed: Computed, count: number, step: number, turn: () => Turn): Promise<TeamStep> {
    if (!this.leads) {
      this.#flat.fill(computed, count);
      free(...computed.gradients);
      const [leader] = this.#channels;
      if (!leader) throw new Error('a follower has a leader');
      await leader.send('gradients', step, this.#flat.bytes);
      const frame = await leader.receive('sum', step);
      const sum = this.#read(frame.payload);
      const answer = { computed: sum.computed(this.#shapes), count: sum.count, turn: sum.turn };
      leader.recycle(frame);
      return answer;
    }
    const sum = { computed, count };
    for (const channel of this.#channels) {
      const frame = await channel.receive('gradients', step);
      const part = this.#read(frame.payload);
      sum.computed = plus(sum.computed, part.computed(this.#shapes));
      sum.count += part.count;
      channel.recycle(frame);
    }
    const next = turn();
    this.#flat.fill(sum.computed, sum.count);
    this.#flat.turn = next;
    await this.#broadcast('sum', step, this.#flat.bytes);
    return { ...sum, turn: next };
  }

  /**
   * Has the leader know what each process counts for itself, so that a checkpoint holds it, and makes sure that all else is
   * the same.
   *
   * @throws Failure `training-differs`.
   */
  async collect(learner: Learner, step: number): Promise<void> {
    const own = learner.own();
    const digest = createHash('sha256').update(bytesOf(learner.common())).digest();
    const [leader] = this.#channels;
    if (!this.leads) {
      await leader?.send('counted', step, Buffer.concat([digest, bytesOf(own)]));
      return;
    }
    const all = [own];
    for (const [at, channel] of this.#channels.entries()) {
      const { payload } = await channel.receive('counted', step);
      if (
        payload.length !== digestBytes + own.byteLength ||
        !digest.equals(payload.subarray(0, digestBytes))
      ) {
        throw new Failure(
          'training-differs',
          `At step ${step} the weights of process ${at + 2} of ${this.part.n} are not those of the first, which they ` +
            'have to be to the bit. The run goes on from its last checkpoint when it is tried again; ' +
            'if this comes back, the machine or its memory is at fault.',
        );
      }
      all.push(new Float32Array(payload.buffer.slice(digestBytes)));
    }
    this.#own = all;
  }

  /**
   * The end of an epoch: what each process counted for itself becomes the mean over all. {@link collect} is part of it.
   */
  async settle(learner: Learner, step: number): Promise<void> {
    await this.collect(learner, step);
    const own = this.leads ? meanOf(this.#own) : new Float32Array(0);
    const mean = await this.#broadcast('mean', step, bytesOf(own));
    const values = new Float32Array(mean.slice().buffer);
    learner.setOwn(values);
    this.#own = this.#all().map(() => values);
  }

  /**
   * The learner's state with what each process counts for itself, as the leader knows it from {@link begin}, {@link collect}
   * or {@link settle}: for a checkpoint, and back by {@link begin}. So a checkpoint changes nothing of what is learnt.
   */
  state(learner: Learner): Float32Array {
    const parts = [learner.state(), ...this.#own];
    const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  /** The leader does the work; all have what came out of it. */
  async told<T>(schema: z.ZodType<T>, step: number, work: () => Promise<T>): Promise<T> {
    if (this.leads) {
      const value = await work();
      await this.#broadcast('told', step, Buffer.from(JSON.stringify(value)));
      return value;
    }
    const bytes = await this.#broadcast('told', step, new Uint8Array(0));
    return schema.parse(JSON.parse(Buffer.from(bytes).toString()));
  }

  close(): void {
    for (const channel of this.#channels) channel.close();
  }

  /** From the leader to all. @param payload - The leader's. */
  async #broadcast(kind: 'told' | 'sum' | 'mean', step: number, payload: Uint8Array): Promise<Uint8Array> {
    if (this.leads) {
      await Promise.all(this.#channels.map((channel) => channel.send(kind, step, payload)));
      return payload;
    }
    const [leader] = this.#channels;
    if (!leader) throw new Error('a follower has a leader');
    return (await leader.receive(kind, step)).payload;
  }

  #read(payload: Uint8Array<ArrayBuffer>): FlatGradients {
    if (payload.length === this.#flat.bytes.length) return new FlatGradients(payload);
    throw new Failure('training-differs', 'The processes of the training have networks of different sizes.');
  }

  #all(): number[] {
    return Array.from({ length: this.part.n }, (_, at) => at);
  }
}

/** The sum, number by number; both terms are freed. */
function plus(a: Computed, b: Computed): Computed {
  const gradients = a.gradients.map((gradient, at) => {
    const other = b.gradients[at];
    if (!other) throw new Error('one gradient for each variable');
    const sum = keep(add(gradient, other));
    free(gradient, other);
    return sum;
  });
  const figures = {
    loss: a.figures.loss + b.figures.loss,
    correct: a.figures.correct + b.figures.correct,
  };
  return { figures, gradients };
}

/** Of numbers that are equal, that very number: they are added in float64. */
function meanOf(parts: readonly Float32Array[]): Float32Array {
  const [first] = parts;
  if (!first) throw new Error('a mean is of something');
  return first.map((value, at) => {
    let sum = value;
    for (const part of parts.slice(1)) sum += part[at] ?? NaN;
    return sum / parts.length;
  });
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
