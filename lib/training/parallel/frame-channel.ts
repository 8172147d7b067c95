import type { Socket } from 'node:net';
import { Failure } from '../../../contracts/failures';

/** What a frame is about; both sides know which comes next. */
export const frameKinds = { hello: 1, told: 2, gradients: 3, sum: 4, counted: 5, mean: 6 } as const;
export type FrameKind = keyof typeof frameKinds;

export interface Frame {
  readonly kind: FrameKind;
  readonly step: number;
  /** On its own in its buffer, so that numbers in it lie where typed arrays want them. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** Payload's length, kind, step: uint32, little-endian. */
const headerBytes = 12;

/** Until {@link FrameChannel.allow} says more. */
const smallFrame = 64 * 1024;

/** A peer in step sends no more ahead of what it is waited for with. */
const framesAhead = 2;

/**
 * Frames over a socket, between two processes that go in step: each frame must be the one that is expected. A frame's length
 * is checked before any room is made for it.
 */
export class FrameChannel {
  readonly #socket: Socket;
  #peer: string;
  readonly #header = Buffer.alloc(headerBytes);
  #headerFilled = 0;
  #payload: Uint8Array<ArrayBuffer> | undefined;
  #payloadFilled = 0;
  readonly #ready: Frame[] = [];
  #waiting: { readonly resolve: (frame: Frame) => void; readonly reject: (error: Error) => void } | undefined;
  #spare: Uint8Array<ArrayBuffer> | undefined;
  #most = smallFrame;
  #ended: Failure | undefined;
  #onLost: ((failure: Failure) => void) | undefined;

  /** @param peer - Whom it leads to, in messages. */
  constructor(socket: Socket, peer: string) {
    this.#socket = socket;
    this.#peer = peer;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', (error) => this.#end(`broke (${error.message})`));
    socket.on('close', () => this.#end('ended'));
  }

  /** Who it turned out to lead to. */
  isTo(peer: string): void {
    this.#peer = peer;
  }

  /** Frames may have up to so many bytes from here on. */
  allow(bytes: number): void {
    this.#most = Math.max(smallFrame, bytes);
  }

  /** Hears once that the other side is gone, unless this side has closed. */
  onLost(listener: (failure: Failure) => void): void {
    this.#onLost = listener;
    if (this.#ended) listener(this.#ended);
  }

  /** Resolves when the system has taken all of it: until then the payload must not change. */
  send(kind: FrameKind, step: number, payload: Uint8Array): Promise<void> {
    if (this.#ended) return Promise.reject(this.#ended);
    const header = Buffer.alloc(headerBytes);
    header.writeUInt32LE(payload.byteLength, 0);
    header.writeUInt32LE(frameKinds[kind], 4);
    header.writeUInt32LE(step, 8);
    return new Promise((resolve, reject) => {
      const done = (error?: Error | null): void => {
        if (error) {
          this.#end(`broke (${error.message})`);
          reject(this.#ended ?? error);
        } else resolve();
      };
      this.#socket.cork();
      this.#socket.write(header);
      this.#socket.write(payload, done);
      this.#socket.uncork();
    });
  }

  /**
   * The next frame.
   *
   * @throws Failure `trainer-died` where the other side is gone or is not in step.
   */
  async receive(kind: FrameKind, step: number): Promise<Frame> {
    const frame = await this.#next();
    if (frame.kind === kind && frame.step === step) return frame;
    const found = `${frame.kind} of step ${frame.step}`;
    this.#end(`is out of step: ${found} came where ${kind} of step ${step} was expected`);
    throw this.#ended ?? new Error('a channel out of step has ended');
  }

  /** Gives a frame's memory back for the next one of its length. */
  recycle({ payload }: Frame): void {
    this.#spare = payload;
  }

  close(): void {
    this.#onLost = undefined;
    this.#socket.destroy();
  }

  #next(): Promise<Frame> {
    const frame = this.#ready.shift();
    if (frame) {
      if (this.#socket.isPaused()) this.#socket.resume();
      return Promise.resolve(frame);
    }
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  #take(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0 && !this.#ended) {
      if (!this.#payload) {
        const part = rest.subarray(0, headerBytes - this.#headerFilled);
        this.#header.set(part, this.#headerFilled);
        this.#headerFilled += part.length;
        rest = rest.subarray(part.length);
        if (this.#headerFilled < headerBytes) return;
        if (!this.#makeRoom()) return;
      }
      const payload = this.#payload;
      // A frame with no payload is complete already.
      if (!payload) continue;
      const part = rest.subarray(0, payload.length - this.#payloadFilled);
      payload.set(part, this.#payloadFilled);
      this.#payloadFilled += part.length;
      rest = rest.subarray(part.length);
      if (this.#payloadFilled === payload.length) this.#complete(payload);
    }
  }

  /** @returns whether the frame that is announced may come. */
  #makeRoom(): boolean {
    const length = this.#header.readUInt32LE(0);
    if (length > this.#most) {
      this.#end(`announced ${length} bytes where at most ${this.#most} were expected`);
      return false;
    }
    const spare = this.#spare?.length === length ? this.#spare : undefined;
    if (spare) this.#spare = undefined;
    this.#payload = spare ?? new Uint8Array(length);
    this.#payloadFilled = 0;
    if (length === 0) this.#complete(this.#payload);
    return true;
  }

  #complete(payload: Uint8Array<ArrayBuffer>): void {
    const number = this.#header.readUInt32LE(4);
    const step = this.#header.readUInt32LE(8);
    this.#headerFilled = 0;
    this.#payload = undefined;
    const kind = kindOf(number);
    if (!kind) {
      this.#end(`sent a frame of unknown kind ${number}`);
      return;
    }
    const frame = { kind, step, payload };
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting.resolve(frame);
    else if (this.#ready.push(frame) >= framesAhead) this.#socket.pause();
  }

  #end(how: string): void {
    if (this.#ended) return;
    this.#ended = new Failure('trainer-died', `The connection to ${this.#peer} ${how}.`);
    this.#socket.destroy();
    this.#waiting?.reject(this.#ended);
    this.#waiting = undefined;
    this.#onLost?.(this.#ended);
  }
}

function kindOf(number: number): FrameKind | undefined {
  switch (number) {
    case frameKinds.hello:
      return 'hello';
    case frameKinds.told:
      return 'told';
    case frameKinds.gradients:
      return 'gradients';
    case frameKinds.sum:
      return 'sum';
    case frameKinds.counted:
      return 'counted';
    case frameKinds.mean:
      return 'mean';
    default:
      return undefined;
  }
}
