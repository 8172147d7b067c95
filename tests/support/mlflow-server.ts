import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port';

export interface MlflowServer {
  readonly uri: string;
  /** Asks the server by its REST API. */
  ask(path: string, body?: object): Promise<any>;
  artifact(path: string): Promise<Buffer>;
  stop(): Promise<void>;
}

/** Starts a real MLflow server in a folder of its own, or in one that an earlier one left. */
export async function startMlflowServer(
  python: string,
  options: { readonly port?: number; readonly folder?: string } = {},
): Promise<MlflowServer & { readonly folder: string; readonly port: number }> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'drover-mlflow-')));
  const port = options.port ?? (await freePort());
  const uri = `http://127.0.0.1:${port}`;
  const places = ['--backend-store-uri', 'sqlite:///mlflow.db', '--artifacts-destination', './artifacts'];
  const child = spawn(
    python,
    ['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1', ...places],
    {
      cwd: folder,
      // It starts processes of its own, which end with their group.
      detached: true,
      stdio: 'ignore',
      env: {
        ...process.env,
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
        MLFLOW_DISABLE_TELEMETRY: 'true',
        DO_NOT_TRACK: 'true',
      },
    },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (;;) {
    if (child.exitCode !== null) throw new Error(`mlflow server ended with ${child.exitCode}.`);
    const answer = await fetch(`${uri}/health`).catch(() => undefined);
    if (answer?.ok === true) break;
    await sleep(100);
  }
  return {
    uri,
    folder,
    port,
    async ask(path, body) {
      const answer = await fetch(`${uri}/api/2.0/mlflow/${path}`, {
        ...(body && { method: 'POST', body: JSON.stringify(body) }),
        headers: { 'content-type': 'application/json' },
      });
      return answer.json();
    },
    async artifact(path) {
      const answer = await fetch(`${uri}/api/2.0/mlflow-artifacts/artifacts/${path}`);
      if (!answer.ok) throw new Error(`No artifact ${path}: ${answer.status}`);
      return Buffer.from(await answer.arrayBuffer());
    },
    async stop() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      await ended;
    },
  };
}

export async function removeMlflowFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
