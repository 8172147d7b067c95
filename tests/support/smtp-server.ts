import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface SmtpServer {
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  /** Every mail as it came, its headers too. */
  readonly mails: string[];
  /** Every command that was said, as it was said. */
  readonly commands: string[];
  stop(): Promise<void>;
}

/** A mail server of a test's own, without TLS. @param refusing - answers every recipient with this line */
export async function startSmtpServer(refusing?: string): Promise<SmtpServer> {
  const mails: string[] = [];
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let mail: string[] | undefined;
    let buffered = '';
    const say = (line: string) => socket.write(`${line}\r\n`);
    say('220 test');
    socket.setEncoding('utf8').on('error', () => undefined);
    socket.on('data', (chunk: string) => {
      const lines = (buffered + chunk).split('\r\n');
      buffered = lines.pop() ?? '';
      for (const line of lines) {
        if (mail !== undefined) {
          if (line !== '.') mail.push(line);
          else {
            mails.push(mail.join('\n'));
            mail = undefined;
            say('250 taken');
          }
          continue;
        }
        commands.push(line);
        if (line.startsWith('EHLO')) say('250-test\r\n250 AUTH PLAIN');
        else if (line.startsWith('AUTH')) say('235 welcome');
        else if (line.startsWith('RCPT') && refusing !== undefined) say(refusing);
        else if (line === 'DATA') {
          mail = [];
          say('354 go on');
        } else if (line === 'QUIT') socket.end('221 bye\r\n');
        else say('250 ok');
      }
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    ...{ mails, commands },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
