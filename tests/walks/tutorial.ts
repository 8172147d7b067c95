import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runnableBlocks } from './runnable-blocks';

/**
 * `npm run walk:tutorial`: does what docs/tutorial.md says, in an empty folder, as a newcomer would. What fails is printed, and
 * ends it with 1. `DROVER_API_PORT` and the other ports move it, where theirs are taken.
 */
const say = (line: string) => process.stdout.write(`${line}\n`);
const since = process.hrtime.bigint();
const seconds = () => `${(Number(process.hrtime.bigint() - since) / 1e9).toFixed(0)} s`;

const checkout = resolve(__dirname, '..', '..');
const parent = mkdtempSync(join(tmpdir(), 'drover-tutorial-'));
const project = join(parent, 'my-project');
const port = process.env.DROVER_API_PORT ?? '8080';
const environment = {
  ...process.env,
  NO_COLOR: '1',
  CI: 'true',
  DROVER_HOME: undefined,
  TEMPORAL_ADDRESS: undefined,
};
let server: ChildProcess | undefined;

function run(script: string, folder: string): void {
  say(`── ${seconds()}\n${script}`);
  const { status } = spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: folder,
    env: environment,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`It ended with ${String(status)}:\n${script}`);
}

/** Starts what goes on running, and waits until it serves. */
async function start(script: string): Promise<void> {
  say(`── ${seconds()}\n${script}`);
  const child = spawn('bash', ['-c', `exec ${script}`], { cwd: project, env: environment });
  server = child;
  let text = '';
  await new Promise<void>((served, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        process.stdout.write(chunk);
        text += chunk.toString();
        if (text.includes('Serving after')) served();
      });
    }
    child.once('exit', (code) => {
      failed(new Error(`It ended with ${String(code)} before it served:\n${script}`));
    });
  });
}

async function walk(): Promise<void> {
  for (const { kind, text } of runnableBlocks(readFileSync(join(checkout, 'docs', 'tutorial.md'), 'utf8'))) {
    const script = text
      .replaceAll('localhost:8080', `localhost:${port}`)
      .replaceAll('../my-project', project);
    if (kind === 'init') run(script, checkout);
    else if (kind === 'start') await start(script);
    else run(script, project);
  }
}

walk()
  .then(
    () => {
      say(`── ${seconds()}: all of it did what the page says.`);
    },
    (error: unknown) => {
      say(error instanceof Error ? error.message : String(error));
      process.exitCode = 1;
    },
  )
  .finally(() => {
    server?.kill('SIGINT');
    rmSync(parent, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
  });
