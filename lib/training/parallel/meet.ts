import { timingSafeEqual } from 'node:crypto';
import { rmdir } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { z } from 'zod';
import { Failure } from '../../../contracts/failures';
import type { TrainerPart } from '../../../contracts/schemas/trainer';
import { FrameChannel } from './frame-channel';

const helloSchema = z.strictObject({ token: z.string(), k: z.int(), n: z.int() });

/** Milliseconds that the leader has to be there, and the others to come: loading TensorFlow takes some seconds. */
const meetingMs = 120_000;

/**
 * The leader's side: waits until the others are there.
 *
 * Once they are, the socket's path is gone: nobody else can come.
 *
 * @returns the channels to processes 1 … n − 1, in that order.
 * @throws Failure `trainer-died` where they don't come.
 */
export async function awaitFollowers(part: TrainerPart, waitMs = meetingMs): Promise<FrameChannel[]> {
  const { n, socket: place } = part;
  const found = new Map<number, FrameChannel>();
  const server = createServer();
  const strangers = new Set<Socket>();
  try {
    await new Promise<void>((resolve, reject) => {
      const tooLate = setTimeout(() => {
        const failure = `${found.size + 1} of ${n} processes of the training came within ${waitMs / 1000} s.`;
        reject(new Failure('trainer-died', failure));
      }, waitMs);
      const settle = (work: () => void): void => {
        clearTimeout(tooLate);
        work();
      };
      server.on('error', (error) => settle(() => reject(error)));
      server.on('connection', (socket) => {
        strangers.add(socket);
        void welcome(socket, part, found).then((isComplete) => {
          strangers.delete(socket);
          if (isComplete) settle(resolve);
        });
      });
      server.listen(place);
    });
  } catch (error) {
    for (const channel of found.values()) channel.close();
    throw error;
  } finally {
    for (const socket of strangers) socket.destroy();
    await closeServer(server, place);
  }
  return Array.from({ length: n - 1 }, (_, at) => {
    const channel = found.get(at + 1);
    if (!channel) throw new Error('all have come');
    return channel;
  });
}

/** @returns whether this was the last that was waited for. Who can't show the token is sent away. */
async function welcome(
  socket: Socket,
  { n, token }: TrainerPart,
  found: Map<number, FrameChannel>,
): Promise<boolean> {
  const channel = new FrameChannel(socket, 'a process of the training');
  try {
    const { payload } = await channel.receive('hello', 0);
    const hello = helloSchema.parse(JSON.parse(Buffer.from(payload).toString()));
    const known = sameText(hello.token, token);
    if (!known || hello.n !== n || hello.k < 1 || hello.k >= n || found.has(hello.k)) {
      channel.close();
      return false;
    }
    channel.isTo(`process ${hello.k + 1} of ${n}`);
    found.set(hello.k, channel);
    return found.size === n - 1;
  } catch {
    channel.close();
    return false;
  }
}

function sameText(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Also removes the folder, which nobody needs any more; whoever made it does so too, unless it was killed. */
async function closeServer(server: Server, place: string): Promise<void> {
  server.close();
  await rmdir(path.dirname(place)).catch(() => undefined);
}

/**
 * A follower's side.
 *
 * @throws Failure `trainer-died` where the leader doesn't come.
 */
export async function joinLeader(part: TrainerPart, waitMs = meetingMs): Promise<FrameChannel> {
  const { k, n, token } = part;
  const until = Date.now() + waitMs;
  for (;;) {
    const socket = await connected(part.socket);
    if (socket) {
      const channel = new FrameChannel(socket, `process 1 of ${n}`);
      await channel.send('hello', 0, Buffer.from(JSON.stringify({ token, k, n })));
      return channel;
    }
    if (Date.now() > until) {
      throw new Failure(
        'trainer-died',
        `The first process of the training did not come in ${waitMs / 1000} s.`,
      );
    }
    await after(50);
  }
}

/** undefined where nobody listens yet. */
function connected(place: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(place);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}
