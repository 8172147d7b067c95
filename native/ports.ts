import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { runCommand } from './run-command';

/** Whether a server could listen there now. */
export async function isPortFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

/** The process that listens on a port, as far as this user may see it: by /proc, or by lsof where that isn't. */
export async function portHolder(port: number): Promise<PortHolder | undefined> {
  return (await holderByProc(port)) ?? (await holderByLsof(port));
}

const listening = '0A';

async function holderByProc(port: number): Promise<PortHolder | undefined> {
  const hexadecimal = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const inodes = tables
    .flatMap((table) => table.split('\n').map((line) => line.trim().split(/\s+/)))
    .filter((fields) => fields[1]?.endsWith(hexadecimal) === true && fields[3] === listening)
    .map((fields) => `socket:[${fields[9] ?? ''}]`);
  if (inodes.length === 0) return undefined;
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of processes) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      if (!inodes.includes(target)) continue;
      const command = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
      return { pid: Number(pid), command: command.trim() };
    }
  }
  return undefined;
}

async function holderByLsof(port: number): Promise<PortHolder | undefined> {
  const told = await runCommand('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']);
  const pid = /^p(\d+)$/m.exec(told.stdout)?.[1];
  if (pid === undefined) return undefined;
  return { pid: Number(pid), command: /^c(.+)$/m.exec(told.stdout)?.[1] ?? '' };
}
