import { spawn } from 'node:child_process';

/** Shows an address or a file in the browser. Never fails: a machine without one is no error. */
export function browse(address: string): void {
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(command, [address], { detached: true, stdio: 'ignore' });
  child.on('error', () => undefined);
  child.unref();
}
