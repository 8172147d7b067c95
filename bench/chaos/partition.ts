import { connect, createServer, type Server, type Socket } from 'node:net';

type State = 'open' | 'stalled' | 'broken';

/**
 * A connection that fails when it is told to: what is sent to its port goes on to another one of this machine. Stalled, it takes
 * everything and passes on nothing, as a firewall does that drops; broken, it resets.
 */
export class Partition {
  private state: State = 'open';
  private readonly sockets = new Set<Socket>();
  private readonly waiting = new Set<Socket>();
  private readonly server: Server;

  constructor(private readonly target: number) {
    this.server = createServer({ pauseOnConnect: true, noDelay: true }, (inner) => this.take(inner));
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', () => resolve());
    });
  }

  stall(): void {
    this.state = 'stalled';
    for (const socket of this.sockets) socket.pause();
  }

  reset(): void {
    this.state = 'broken';
    for (const socket of [...this.sockets, ...this.waiting]) socket.resetAndDestroy();
  }

  heal(): void {
    this.state = 'open';
    for (const socket of this.sockets) socket.resume();
    for (const socket of this.waiting) this.pass(socket);
    this.waiting.clear();
  }

  async close(): Promise<void> {
    for (const socket of [...this.sockets, ...this.waiting]) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(inner: Socket): void {
    inner.on('error', () => inner.destroy());
    inner.once('close', () => this.waiting.delete(inner));
    if (this.state === 'broken') inner.resetAndDestroy();
    else if (this.state === 'stalled') this.waiting.add(inner);
    else this.pass(inner);
  }

  private pass(inner: Socket): void {
    const outer = connect({ port: this.target, host: '127.0.0.1', noDelay: true });
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      this.sockets.add(from);
      from.on('data', (data) => {
        if (!to.write(data)) from.pause();
      });
      to.on('drain', () => {
        if (this.state !== 'stalled') from.resume();
      });
      from.once('end', () => to.end());
      from.on('error', () => to.destroy());
      from.once('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
    inner.resume();
  }
}
