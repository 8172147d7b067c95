import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FrameChannel } from '../../../lib/training/parallel/frame-channel';
import { awaitFollowers, joinLeader } from '../../../lib/training/parallel/meet';

let folder: string;
let place: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drover-channel-'));
  place = path.join(await mkdtemp(path.join(folder, 'team-')), 's');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Both ends of a connection. */
async function pair(): Promise<[Socket, Socket]> {
  const server = createServer();
  server.listen(place);
  const there = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const here = connect(place);
  const ends: [Socket, Socket] = [here, await there];
  server.close();
  return ends;
}

async function channels(): Promise<[FrameChannel, FrameChannel]> {
  const [here, there] = await pair();
  return [new FrameChannel(here, 'there'), new FrameChannel(there, 'here')];
}

const died = (message: RegExp): unknown =>
  expect.objectContaining({ type: 'trainer-died', message: expect.stringMatching(message) as unknown });

describe('a channel', () => {
  it('brings frames of all lengths through whole and in order, also many at once and megabytes', async () => {
    const [here, there] = await channels();
    there.allow(5_000_000);
    const lengths = [0, 1, 0, 5_000_000, 12, 0, 0, 65_536, 65_537, 3];
    const sent = lengths.map((length, at) => new Uint8Array(length).map((_, byte) => (byte * 31 + at) % 251));
    const sending = Promise.all(sent.map((payload, step) => here.send('told', step, payload)));
    for (const [step, payload] of sent.entries()) {
      const frame = await there.receive('told', step);
      expect(Buffer.compare(frame.payload, payload)).toBe(0);
      there.recycle(frame);
    }
    await sending;
    here.close();
    there.close();
  });

  it('puts frames together that come byte by byte', async () => {
    const [here, there] = await pair();
    const channel = new FrameChannel(there, 'here');
    here.setNoDelay(true);
    const bytes = Buffer.concat([
      Buffer.from(Uint32Array.of(2, 2, 7).buffer),
      Buffer.from('ab'),
      Buffer.from(Uint32Array.of(0, 6, 7).buffer),
    ]);
    const first = channel.receive('told', 7);
    for (const byte of bytes) await new Promise((resolve) => here.write(Uint8Array.of(byte), resolve));
    expect(Buffer.from((await first).payload).toString()).toBe('ab');
    expect((await channel.receive('mean', 7)).payload).toHaveLength(0);
    channel.close();
  });

  it('ends where a frame is longer than was allowed, before there is room made for it', async () => {
    const [here, there] = await pair();
    const channel = new FrameChannel(there, 'here');
    here.write(Buffer.from(Uint32Array.of(4_000_000_000, 2, 0).buffer));
    await expect(channel.receive('told', 0)).rejects.toEqual(died(/announced 4000000000 bytes/));
  });

  it('ends where another frame comes than is expected', async () => {
    const [here, there] = await channels();
    await here.send('gradients', 3, new Uint8Array(4));
    await expect(there.receive('gradients', 4)).rejects.toEqual(died(/gradients of step 3 came where/));
    await expect(there.receive('gradients', 4)).rejects.toEqual(died(/out of step/));
    here.close();
  });

  it('ends where a frame is of no kind that is known', async () => {
    const [here, there] = await pair();
    const channel = new FrameChannel(there, 'here');
    here.write(Buffer.from(Uint32Array.of(0, 99, 0).buffer));
    await expect(channel.receive('told', 0)).rejects.toEqual(died(/unknown kind 99/));
  });

  it('says at once that the other side is gone: to who waits, who sends and who listens', async () => {
    const [here, there] = await channels();
    const heard = new Promise((resolve) => {
      there.onLost(resolve);
    });
    const waiting = there.receive('told', 0);
    here.close();
    await expect(waiting).rejects.toEqual(died(/connection to here ended/));
    expect(await heard).toEqual(died(/connection to here ended/));
    await expect(there.send('told', 0, new Uint8Array(1))).rejects.toEqual(died(/ended/));
  });
});

describe('a meeting', () => {
  const token = 'a'.repeat(64);
  const of = (k: number) => ({ k, n: 3, socket: place, token });

  it('gives the leader the others in their order, whoever comes first, and then nobody finds the place', async () => {
    const last = joinLeader(of(2));
    const leading = awaitFollowers(of(0));
    const second = joinLeader(of(1));
    const [one, two] = await leading;
    await (await last).send('told', 2, new Uint8Array(0));
    await (await second).send('told', 1, new Uint8Array(0));
    await expect(one?.receive('told', 1)).resolves.toMatchObject({ kind: 'told' });
    await expect(two?.receive('told', 2)).resolves.toMatchObject({ kind: 'told' });
    expect(await readdir(folder)).toEqual([]);
    for (const channel of [one, two, await last, await second]) channel?.close();
  });

  it('sends away who does not show the token, comes twice or is nobody, and goes on waiting', async () => {
    const leading = awaitFollowers(of(0));
    const strangers = [{ ...of(1), token: 'b'.repeat(64) }, { ...of(1), k: 3 }, { ...of(1), n: 2 }, of(0)];
    for (const stranger of strangers) {
      const channel = await joinLeader(stranger);
      await expect(channel.receive('told', 0)).rejects.toEqual(died(/process 1 of/));
    }
    const silent = connect(place);
    silent.on('error', () => undefined);
    const sentAway = new Promise((resolve) => silent.once('close', resolve));
    const first = await joinLeader(of(1));
    const twice = await joinLeader(of(1));
    await expect(twice.receive('told', 0)).rejects.toEqual(died(/process 1 of 3/));
    const last = await joinLeader(of(2));
    expect(await leading).toHaveLength(2);
    for (const channel of [...(await leading), first, last]) channel.close();
    await sentAway;
  });

  it('fails where somebody does not come', async () => {
    const first = joinLeader(of(1));
    await expect(awaitFollowers(of(0), 200)).rejects.toEqual(died(/^2 of 3 processes/));
    (await first).close();
    await expect(joinLeader(of(1), 100)).rejects.toEqual(died(/did not come/));
  });
});
