import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../support/free-port';
import { nativePart } from '../support/native';
import { writePets, writeSmallProject } from '../support/small-project';
import { startWebServer, type WebServer } from '../support/web-server';
import { commandsIn, type PageCommand, pages, readPage } from '../walks/page-commands';
import { runnableBlocks } from '../walks/runnable-blocks';
import { unrun } from '../walks/unrun-commands';

/**
 * Runs what the pages tell to type in one small project, on one Drover, as it stands there. What names something of the reader's is
 * replaced, what would take minutes is made small, and where a command needs something to act upon, that is made first.
 */

const checkout = resolve(__dirname, '..', '..');
const walked = new Set(runnableBlocks(readPage('docs/tutorial.md')).flatMap(({ text }) => text.split('\n')));
/** What moves the champion or steers a sweep, one after another; what looks, asks and trains, beside it; and what needs quiet or ends all. */
const moving = [
  'docs/workflows.md',
  'docs/guides/promotion.md',
  'README.md',
  'docs/cli.md',
  'docs/guides/deployment.md',
];
const ending = [
  'docs/guides/feedback.md',
  'docs/guides/data.md',
  'docs/guides/backup.md',
  'docs/guides/upgrading.md',
  'docs/troubleshooting.md',
];
const others = pages.filter(
  (page) => ![...moving, ...ending].includes(page) && !page.startsWith('docs/examples'),
);

/** Each command once, where it stands first. */
const told: readonly PageCommand[] = [...moving, ...others, ...ending]
  .flatMap(commandsIn)
  .filter(({ synopsis }) => !synopsis)
  .filter(({ text }, at, all) => all.findIndex((other) => other.text === text) === at);
const isRun = ({ text }: PageCommand) => !walked.has(text) && !unrun.some(([begins]) => begins.test(text));
const run = told.filter(isRun);

/** What would take minutes, in small; and started workflows are waited for. */
const smaller: readonly (readonly [RegExp, string])[] = [
  [/\b(run_cap|epochs)=\d+/g, '$1=1'],
  [/ --steps \d+/g, ' --steps 12'],
  [/^(npx drover (profile|lr-range)(?!.*--steps).*)/, '$1 --steps 12'],
  [/\? *variations=4/g, '?variations=1'],
  [/"settle": 30/g, '"settle": 1'],
  [/^temporal workflow start/, 'temporal workflow execute'],
  [/^curl (?!.*--fail)/, 'curl -fsS '],
  // Long enough to be steered; and named, for the sweeps of other pages run beside these.
  [/^(npx drover run sweep .*) --detach$/, '$1 --detach --id sweep-3 run_cap=50'],
  [/^npx drover sweep (watch|add lr=0\.002)$/, '$& --id sweep-2'],
  [/^npx drover sweep report$/, '$& sweep-2'],
  [/^npx drover sweep (add lr=0\.002 batch_size=16|stop --now)$/, '$& --id sweep-3'],
  // Nobody is there to be asked.
  [/^(npx drover (predictions remove|reset).*)/, '$1 --yes'],
];

const promoted = 'npx drover rollback animals --to 1 --reason again; npx drover promote animals@3';
/** Version 3 waits for a person. */
const waiting = `npx drover rollback animals --to 1 --reason again
temporal workflow start --type promote --task-queue ml --workflow-id promote-animals-v3 --input '${JSON.stringify(
  {
    ...{ model: 'animals', version: 3 },
    rules: { gates: [{ metric: 'accuracy', not_worse_by: 1 }], approval: { required: true } },
  },
)}'
until temporal workflow query --workflow-id promote-animals-v3 --type promotion | grep -q waiting; do sleep 0.2; done`;
const deploying = `npx drover deploy watch.time=5m watch.longest=6m --detach
until npx drover deployments | grep -q running; do sleep 0.2; done`;

/** What there has to be before a command can act upon it. */
const first: readonly (readonly [RegExp, string])[] = [
  [
    /sweep-1 --name pause$/,
    `npx drover run sweep --id sweep-1 --detach run_cap=50
until temporal workflow query --workflow-id sweep-1 --type leaderboard; do sleep 0.2; done`,
  ],
  [
    /sweep watch$/,
    'npx drover run sweep --id sweep-2 --detach run_cap=50 && npx drover sweep pause --id sweep-2',
  ],
  [/sweep configs\/sweep\.yaml --detach$/, 'npx drover sweep stop --now --id sweep-2'],
  [
    /workflow-id retrain-animals-v3 --name approve/,
    `temporal workflow start --type retrain --task-queue ml --workflow-id retrain-animals-v3 --input '${JSON.stringify(
      {
        ...{ model: 'animals', version: 3, look: 'a-look', reason: 'drift' },
        ...{ approval: { deadline: '1h', reminder: '30m' }, pipeline: { overrides: [] } },
      },
    )}'`,
  ],
  [/(approve|reject) animals@3|promote-animals-v3 --name approve/, waiting],
  [/^npx drover (run rollback$|rollback animals --reason)|--type (rollback|deploy) /, promoted],
  [/deployments (rollback|advance)/, deploying],
  // What was asked is kept within half a minute.
  [/predictions remove/, 'until npx drover predictions list | grep -q animals@; do sleep 1; done'],
  [/^npx drover admin$/, 'npx drover admin --new-token bob'],
  [/api-keys revoke shop --older/, 'npx drover api-keys create shop'],
  [/^npx drover store migrate --dry-run/, 'npx drover stop'],
];

/** Anything may become the champion: six test pictures tell nothing apart. */
const promote = 'promote: { gates: [{ metric: accuracy, not_worse_by: 1 }] }\n';

/** What goes on until it is ended, and what it says once it works. */
const staying: readonly (readonly [RegExp, RegExp])[] = [
  [/^npx drover (admin|codec)$|drover notifications /, /"port":\d+/],
  [/^npx drover sweep watch$/, /trial 1/],
];

let folder: string;
let environment: NodeJS.ProcessEnv;
let hook: WebServer;
let server: ChildProcess | undefined;
/** What the pages name, and what it is here. */
const here: (readonly [RegExp | string, string])[] = [];
let shims = '';

function begin(script: string): { child: ChildProcess; text: () => string } {
  const child = spawn('bash', ['-euo', 'pipefail', '-c', `${shims}\n${script}`], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return { child, text: () => said };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child) || child.pid === undefined) return;
  process.kill(-child.pid, 'SIGINT');
  await once(child, 'exit');
}

interface Ran {
  readonly code: number | null;
  readonly said: string;
}

async function ran(script: string): Promise<Ran> {
  const { child, text } = begin(script);
  await once(child, 'close');
  return { code: child.exitCode, said: text() };
}

/** Runs until it says what it says when it works, and ends it. */
async function worked(script: string, works: RegExp): Promise<Ran> {
  const { child, text } = begin(script);
  while (!works.test(text()) && !hasEnded(child)) await new Promise((wait) => setTimeout(wait, 50));
  const code = hasEnded(child) ? (child.exitCode ?? 1) : 0;
  await end(child);
  return { code, said: text() };
}

async function must(script: string): Promise<string> {
  const { code, said } = await ran(script);
  if (code !== 0) throw new Error(`${script} ended with ${String(code)}:\n${said}`);
  return said;
}

function asRun(text: string): string {
  let script = text;
  for (const [long, short] of smaller) script = script.replace(long, short);
  for (const [theirs, ours] of here) script = script.replaceAll(theirs, ours);
  return script;
}

const outcomes = new Map<PageCommand, Promise<Ran & { readonly script: string }>>();

async function outcomeOf({ text }: PageCommand): Promise<Ran & { readonly script: string }> {
  const before = first.find(([begins]) => begins.test(text))?.[1];
  if (before !== undefined) await must(before);
  const script = asRun(text);
  const works = staying.find(([begins]) => begins.test(text))?.[1];
  return { script, ...(works ? await worked(script, works) : await ran(script)) };
}

/** Runs the commands of some pages one after another, whatever comes of each. */
function inTurn(names: readonly string[], after: Promise<unknown>): Promise<unknown> {
  let before = after;
  for (const command of run.filter(({ page }) => names.includes(page))) {
    const outcome = before.then(() => outcomeOf(command));
    outcomes.set(command, outcome);
    before = outcome.catch(() => undefined);
  }
  return before;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-docs-'));
  hook = await startWebServer((_, response) => response.writeHead(204).end());
  await writeSmallProject(folder, `${hook.origin}/ci`);
  const [api, temporal, ui, admin, codec, notifications] = await Promise.all(
    [0, 1, 2, 3, 4, 5].map(freePort),
  );
  environment = {
    ...process.env,
    ...{ NO_COLOR: '1', CI: 'true', TEMPORAL_ADDRESS: undefined, DROVER_HOME: join(folder, '.drover') },
    ...{ DROVER_MODEL: 'animals', DROVER_API_PORT: String(api), DROVER_TEMPORAL_PORT: String(temporal) },
    ...{ DROVER_TEMPORAL_UI_PORT: String(ui), DROVER_ALLOWED_HOSTS: hook.host },
    ...{ DROVER_SECRET_CI: 'nobody-sees-this', DROVER_SECRET_CI_HOST: hook.host },
  };
  // `npx` and `temporal` as a project has them, without npm's half a second each time.
  shims = `
npx() {
  case "$1" in
    drover) node '${join(checkout, 'bin', 'drover.js')}' "\${@:2}" ;;
    *) node '${checkout}'/node_modules/.bin/"$1" "\${@:2}" ;;
  esac
}
temporal() { TEMPORAL_ADDRESS=127.0.0.1:${temporal} '${nativePart('temporal')}' "$@"; }`;
  const started = begin('npx drover start');
  server = started.child;
  while (!started.text().includes('Serving after')) {
    if (hasEnded(server)) throw new Error(started.text());
    await new Promise((wait) => setTimeout(wait, 50));
  }
  // Three versions of the model, of which two wait for a person; two versions of a dataset; a picture that was asked about.
  await appendFile(join(folder, 'configs/pipeline.yaml'), promote);
  await Promise.all([
    must('npx drover run pipeline sweep.seed=2 && npx drover run pipeline sweep.seed=3'),
    (async () => {
      await must('npx drover data ingest ./photos --name pets');
      await writePets(join(folder, 'photos'), 2, 60);
      await must('npx drover data ingest ./photos --name pets');
    })(),
  ]);
  const asked = await must(`curl -fsS localhost:${api}/get_prediction -F image=@cat.png`);
  const store = join(folder, '.drover', 'store');
  const digest = readdirSync(join(store, 'datasets', 'animals')).find((name) => /^[0-9a-f]{64}$/.test(name));
  const trained = readdirSync(join(store, 'runs')).find((name) => /^[0-9a-f]{16}$/.test(name));
  const prediction = /"id": ?"([-0-9a-f]{36})"/.exec(asked)?.[1];
  if (!digest || !trained || !prediction) throw new Error(`No dataset, run or prediction: ${asked}`);
  here.push(
    ['.drover/example-cat.jpg', 'cat.jpg'],
    ['localhost:8080', `localhost:${api}`],
    [/(6f0c5a8e|0b8f1c1e)-[-0-9a-f]{27}|(?<=predictions(\/| remove ))<id>/g, prediction],
    ['<id>', 'pipeline-animals'],
    [/6c39…/g, digest],
    ['3f9a12', trained.slice(0, 6)],
    ['drover-2026-11-26.tar.gz', 'drover-*.tar.gz'],
    ['<16 characters or more>', '0123456789abcdef'],
    ['--port 8090', `--port ${notifications}`],
    [/drover admin$/g, `drover admin --port ${admin}`],
    [/^npx drover codec$/g, `DROVER_PAYLOAD_KEYS_FILE=payload-keys npx drover codec --port ${codec}`],
    [/ monitoring\/$/g, ` ${join(checkout, 'monitoring')}/`],
  );
  const begun = Promise.resolve();
  void inTurn(ending, Promise.all([inTurn(moving, begun), inTurn(others, begun)]));
}, 120_000);

afterAll(async () => {
  if (server) await end(server);
  await hook.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
});

describe('what the pages tell to type', () => {
  it('is run here, is walked with the tutorial, or has its reason not to be', () => {
    expect(run.length).toBeGreaterThan(120);
    expect(unrun.filter(([begins]) => !told.some(({ text }) => begins.test(text)))).toEqual([]);
  });

  it.each(run.map((command) => [`${command.page}:${command.line} ${command.text}`, command] as const))(
    '%s',
    async (_, command) => {
      const outcome = await outcomes.get(command);
      expect(outcome).toEqual({ ...outcome, code: 0 });
    },
    120_000,
  );
});
