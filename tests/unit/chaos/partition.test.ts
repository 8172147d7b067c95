import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Partition } from '../../../bench/chaos/partition';
import { freePort } from '../../support/free-port';

let echo: Server;
let partition: Partition;
let port: number;

beforeEach(async () => {
  echo = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address() as AddressInfo;
  partition = new Partition(address.port);
  port = await freePort();
  await partition.listen(port);
});

afterEach(async () => {
  await partition.close();
  echo.close();
});

async function open(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

async function said(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [data] = (await once(socket, 'data')) as [Buffer];
  return data.toString();
}

describe('a connection that fails when it is told to', () => {
  it('passes on both ways', async () => {
    const socket = await open();
    expect(await said(socket, 'one')).toBe('one');
    socket.destroy();
  });

  it('passes on nothing while it stalls, and everything after it', async () => {
    const before = await open();
    expect(await said(before, 'one')).toBe('one');
    partition.stall();
    const during = await open();
    let heard = '';
    for (const socket of [before, during]) {
      socket.on('data', (data: Buffer) => (heard += data.toString()));
      socket.write('x');
    }
    // Through the server itself, which is there: whatever would come through has come by then.
    const direct = connect((echo.address() as AddressInfo).port, '127.0.0.1');
    expect(await said(direct, 'there')).toBe('there');
    expect(heard).toBe('');
    partition.heal();
    while (heard !== 'xx') await new Promise((resolve) => setTimeout(resolve, 5));
    for (const socket of [before, during, direct]) socket.destroy();
  });

  it('resets what is open and whatever comes, until it is healed', async () => {
    const before = await open();
    expect(await said(before, 'one')).toBe('one');
    const broken = once(before, 'error');
    partition.reset();
    expect(await broken).toMatchObject([{ code: 'ECONNRESET' }]);
    const refused = connect(port, '127.0.0.1');
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    partition.heal();
    const after = await open();
    expect(await said(after, 'two')).toBe('two');
    after.destroy();
  });
});
