import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { nativePart } from './native';

/** Starts Temporal's development server as `npm start` does, its data in a file under `home`. */
export function spawnTemporal(port: number, home: string): ChildProcess {
  const args = [
    ...['server', 'start-dev', '--headless', '--log-level', 'error', '--ip', '127.0.0.1'],
    ...['--port', String(port), '--db-filename', join(home, 'temporal.db')],
  ];
  return spawn(nativePart('temporal'), args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** A connection to a server that may be still starting. */
export async function connectTo(port: number): Promise<Connection> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await Connection.connect({ address: `127.0.0.1:${port}` });
    } catch (error) {
      if (attempt === 60) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
