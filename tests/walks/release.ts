import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fakeConfig, startFakeCloudRun } from '../support/fake-cloud-run';
import { freePort } from '../support/free-port';
import { until } from '../support/processes';
import { Terminal } from './terminal';

/**
 * The way of three versions from training to users, as one would walk it: a first one, a better one that a person approves, and one
 * that is worse on a class; the better one then goes to Cloud Run, where it fails at 10 % and comes back, goes again, and is rolled back.
 * Everything is real but Google's service, which answers by a fake of its API; the revisions' own addresses are real APIs of Drover.
 *
 *     node --import tsx tests/walks/release.ts > docs/examples/a-release.md
 *     npx prettier --write docs/examples/a-release.md
 */
async function walk(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-walk-'));
  const fake = await startFakeCloudRun();
  const [api, ui, temporal] = [await freePort(), await freePort(), await freePort()];
  const environment = {
    DROVER_HOME: join(folder, '.drover'),
    DROVER_API_PORT: String(api),
    DROVER_TEMPORAL_UI_PORT: String(ui),
    DROVER_TEMPORAL_PORT: String(temporal),
    DROVER_CLOUD_ENDPOINT: fake.origin,
    DROVER_MODEL: 'animals',
  };
  const usual = new Map([
    [folder, '~/animals'],
    [`127.0.0.1:${ui}`, 'localhost:8233'],
    [`127.0.0.1:${api}`, 'localhost:8080'],
    [fake.origin, 'https://run.googleapis.com'],
  ]);
  const terminal = new Terminal(folder, environment, (text) => process.stdout.write(text), usual);
  const drover = resolve('bin', 'drover.js');
  const running: ChildProcess[] = [];
  const begin = (words: readonly string[], changes: NodeJS.ProcessEnv = {}): ChildProcess => {
    const child = spawn(process.execPath, [drover, ...words], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1', ...environment, ...changes },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    running.push(child);
    return child;
  };
  try {
    await mkdir(join(folder, 'configs'));
    await writeFile(join(folder, 'configs', 'pipeline.yaml'), pipeline);
    await writeFile(join(folder, 'configs', 'deploy.yaml'), JSON.stringify(deployment, null, 2));
    // A revision's container is an API of Drover for that version, in a process of its own.
    const revisions = new Map<number, Promise<string>>();
    fake.api = (version) => {
      const known = revisions.get(version) ?? startRevision(begin, version);
      revisions.set(version, known);
      return known;
    };
    begin(['start', '--no-pipeline']);
    await until('the worker', async () => (await fetch(`http://127.0.0.1:${api}/healthz`)).ok);

    terminal.say('# A release, step by step');
    terminal.say(
      'What `node --import tsx tests/walks/release.ts` printed: real commands of a real Drover, with a fake of its API in place of Cloud Run. The gates of its `configs/pipeline.yaml`:',
    );
    terminal.say(pipeline.trimEnd().replaceAll(/^(?=.)/gm, '    '));

    terminal.say('## Version 1, from a short training. A person has the last word on every version');
    await terminal.drover(['run', 'pipeline', 'sweep.train.epochs=2']);
    await terminal.drover(['approve', 'animals@1', '--by', 'Grace', '--reason', 'better than nothing']);
    await until('version 1 to answer', () => answers(api, 1));

    terminal.say('## Version 2, from a longer one');
    await terminal.drover(['run', 'pipeline', 'sweep.train.epochs=20']);
    await terminal.drover(['models', 'diff', 'animals@1', 'animals@2']);
    await terminal.drover(['approve', 'animals@2', '--by', 'Grace', '--reason', 'looked at the mistakes']);
    await until('version 2 to answer', () => answers(api, 2));

    terminal.say('## Version 3 has hardly seen a spider in training');
    await terminal.drover(['data', 'export', 'animals@latest', 'photos', '--layout', 'split']);
    const kept = 3;
    const spiders = join(folder, 'photos', 'train', 'spider');
    for (const name of (await readdir(spiders)).slice(kept)) await rm(join(spiders, name));
    terminal.say(`    $ ls photos/train/spider | wc -l\n    ${kept}`);
    await terminal.drover(['run', 'pipeline', 'source.uri=./photos', 'sweep.train.epochs=20']);
    await terminal.drover(['promote', 'animals@3', '--dry-run', '--by', 'Ada']);

    terminal.say('## Version 2 to Cloud Run');
    await terminal.drover(['deploy', 'animals@2', '--dry-run', '--by', 'Ada']);
    terminal.say('Eight of a hundred requests to the new revision fail, once users come to it:');
    fake.behaviour = (revision, percent) => ({
      failing: percent > 0 && revision !== 'pets-00001' ? 8 : 0,
      p95Ms: 40,
    });
    await terminal.drover(['deploy', 'animals@2', '--by', 'Ada', '--reason', 'better on every animal'], 1);
    terminal.say('The fault is mended, and it goes again:');
    fake.behaviour = () => ({ failing: 0, p95Ms: 40 });
    await terminal.drover(['deploy', 'animals@2', '--by', 'Ada', '--reason', 'the fault is mended']);
    await terminal.drover(['deployments']);

    terminal.say('## Back again');
    await terminal.drover([
      'rollback',
      'animals',
      '--to',
      '1',
      '--by',
      'Ada',
      '--reason',
      'complaints about cats',
    ]);
    await until('version 1 to answer', () => answers(api, 1));
    terminal.say(
      `    $ curl -s localhost:8080/v1/model | jq -c '{name, version}'\n    ${JSON.stringify(await modelOf(api))}`,
    );
    await terminal.drover(['models', 'history', 'animals']);
    await terminal.drover(['models', 'list', 'animals']);
  } finally {
    for (const child of running.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await fake.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Answering {
  readonly name: string;
  readonly version: number;
}

async function modelOf(port: number): Promise<Answering> {
  const { name, version } = (await (await fetch(`http://127.0.0.1:${port}/v1/model`)).json()) as Answering;
  return { name, version };
}

const answers = async (port: number, version: number): Promise<boolean> =>
  (await modelOf(port)).version === version;

const pipeline = `defaults: [sweep]
name: animals
source: { uri: sample://animals }
preprocess: { size: 32 }
sweep: { run_cap: 1 }
promote:
  gates:
    - { metric: accuracy, not_worse_by: 0.05 }
    - { metric: recall, class: spider, not_worse_by: 0.1 }
    - { metric: ece, max: 0.5 }
    - { metric: parity, max: 0.0001 }
  approval: { required: true, deadline: 1h }
`;

const deployment = {
  ...fakeConfig,
  smoke: { within: '1m' },
  watch: { steps: [10, 50, 100], time: '3s', longest: '20s', every: '1s' },
};

async function startRevision(
  begin: (words: readonly string[], changes: NodeJS.ProcessEnv) => ChildProcess,
  version: number,
): Promise<string> {
  const port = await freePort();
  begin(['api'], { DROVER_MODEL_VERSION: String(version), DROVER_API_PORT: String(port) });
  const origin = `http://127.0.0.1:${port}`;
  await until(`version ${version} to answer`, async () => (await fetch(`${origin}/readyz`)).ok);
  return origin;
}

void walk();
