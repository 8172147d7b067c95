import { Command, Option } from 'commander';
import pc from 'picocolors';
import { workflowTypes } from '../contracts/names';
import { version } from '../package.json';
import type { EvaluateFlags } from './commands/evaluate';
import type { LogFlags } from './commands/logs';
import type { ResetFlags } from './commands/reset';
import type { RunFlags } from './commands/run';
import type { StartFlags } from './commands/start';
import { addApiKeyCommands } from './api-key-commands';
import { addCodecCommands } from './codec-commands';
import { addDataCommands } from './data-commands';
import { addDeployCommands } from './deploy-commands';
import { Console, isLive } from './display/console';
import { addModelCommands } from './model-commands';
import { addMonitorCommands } from './monitor-commands';
import { nameHelp } from './name-help';
import { addFeedbackCommands } from './feedback-commands';
import { addPredictionCommands } from './prediction-commands';
import { addPromotionCommands } from './promotion-commands';
import { addGcpCommands } from './gcp-commands';
import { addGpuWorkersCommands } from './gpu-workers-commands';
import type { AdminFlags, ProcessFlags, WorkerFlags } from './processes-entry';
import { addRehearsalCommands } from './rehearsal-commands';
import { reportError } from './report-error';
import { withSecretFiles } from './secret-files';
import { addServingCommands } from './serving-commands';
import type { Environment, Outside, SettingFlags } from './settings';
import { addStoreCommands } from './store-commands';
import { addSweepCommands } from './sweep-commands';
import { addTrainingCommands } from './training-commands';
import { addWebhookCommands } from './webhook-commands';

/**
 * `drover`: every command is one file, loaded only when it is the one that was asked for, so that help and
 * small commands answer at once.
 */

const outside = {
  environment: process.env as Environment,
  folder: process.cwd(),
  program: process.argv[1] ?? '',
} satisfies Outside;
const out = new Console(
  process.stdout,
  pc.createColors(pc.isColorSupported),
  isLive(process.stdout, process.env),
);

const collect = (value: string, before: readonly string[]): string[] => [...before, value];
const home = new Option('--home <folder>', 'state of this project (default: .drover)');

export const program = new Command('drover')
  .description('Durable pipelines from labelled pictures to a served classifier.')
  .version(version)
  // So that a flag after a sub-command is that one's: `models list --json`.
  .enablePositionalOptions()
  .configureHelp({ sortSubcommands: false });

program.hook('preAction', () => {
  outside.environment = withSecretFiles(outside.environment);
  // Temporal's own library reads its variables of the process.
  for (const [name, value] of Object.entries(outside.environment)) {
    if (name.startsWith('TEMPORAL_') && value !== undefined) process.env[name] = value;
  }
});

// What is asked of a home that runs goes to where it runs. Starting has ports of its own, and its processes are told theirs.
program.hook('preAction', async (_program, command) => {
  if (['start', 'trainer', 'rehearsal'].includes(command.name())) return;
  const { besideWhatRuns } = await import('./processes/running-ports');
  outside.environment = await besideWhatRuns(command.opts<SettingFlags>(), outside);
});

program
  .command('start', { isDefault: false })
  .description('start everything, make a champion where there is none, and serve it')
  .argument('[overrides...]', 'changes to configs/pipeline.yaml, such as sweep.run_cap=4')
  .option('--data <source>', 'your own pictures: a folder, one sub-folder a class; an archive; an address')
  .option('--no-pipeline', 'only start the processes and serve')
  .option('--api-port <port>', 'of the API (default: 8080)')
  .option('--temporal-port <port>', 'of the Temporal server (default: 7233)')
  .option('--ui-port <port>', "of Temporal's UI (default: 8233)")
  .addOption(home)
  .action(async (overrides: string[], options: Omit<StartFlags, 'overrides'>) => {
    const { start } = await import('./commands/start');
    await start({ ...options, overrides }, outside, out);
    process.exit(0);
  });

program
  .command('run')
  .description('start a workflow, show its progress, and print its result')
  .argument('<type>', workflowTypes.join(', '))
  .argument('[input...]', 'a configuration, such as configs/sweep.yaml, and changes: key=value')
  .option('--id <id>', "the workflow's id (default: its type and the time)")
  .option('--input <json>', 'the whole input, as JSON')
  .option('--detach', 'only start it')
  .option('--json', 'print the result as JSON')
  .addOption(home)
  .action(async (type: string, input: string[], options: RunFlags) => {
    const { run } = await import('./commands/run');
    await run(type, input, options, outside, out);
  });

addDataCommands(program, home, outside, out);

addSweepCommands(program, home, outside, out);
addTrainingCommands(program, home, outside, out);
addRehearsalCommands(program, home, outside, out);

program
  .command('status')
  .description('what runs, where, and who the champion is')
  .option('--json', 'as JSON')
  .addOption(home)
  .action(async (options: SettingFlags & { json?: boolean }) => {
    const { status } = await import('./commands/status');
    await status(options, outside, out);
  });

program
  .command('stop')
  .description('end what `start` started for this project')
  .addOption(home)
  .action(async (options: SettingFlags) => {
    const { stop } = await import('./commands/stop');
    await stop(options, outside, out);
  });

program
  .command('open')
  .description("open the API's page, or Temporal's UI, in the browser")
  .argument('[what]', 'api or ui', 'api')
  .addOption(home)
  .action(async (what: string, options: SettingFlags) => {
    const { openPage } = await import('./commands/open');
    await openPage(what, options, outside, out);
  });

program
  .command('logs')
  .description('the logs of the processes')
  .argument('[name]', 'of one process; without it: all')
  .option('-f, --follow', 'go on as lines are written')
  .option('-n, --lines <count>', 'so many last lines', '40')
  .addOption(home)
  .action(async (name: string | undefined, options: LogFlags) => {
    const { logs } = await import('./commands/logs');
    await logs(name, options, outside, out);
  });

addServingCommands(program, home, outside, out);
addApiKeyCommands(program, home, outside, out);
addModelCommands(program, home, outside, out);
addWebhookCommands(program, home, outside, out);

addCodecCommands(program, home, outside, out);

addStoreCommands(program, home, outside, out);
addPredictionCommands(program, home, outside, out);
addFeedbackCommands(program, home, outside, out);
addMonitorCommands(program, home, outside, out);
addPromotionCommands(program, home, outside, out);
addDeployCommands(program, home, outside, out);
addGpuWorkersCommands(program, home, outside, out);
addGcpCommands(program, home, outside, out);

program
  .command('evaluate')
  .description('measure a registered version: figures with intervals, slices, robustness, a report')
  .argument('[version]', 'a model, or name@version: 3, latest, or an alias such as champion')
  .option('--dataset <dataset>', 'on the test pictures of another dataset, or name@version')
  .option('--no-robustness', 'not on pictures made worse, which takes 25 times as long')
  .option('--json', 'as JSON')
  .addOption(home)
  .action(async (version: string | undefined, options: EvaluateFlags) => {
    const { evaluate } = await import('./commands/evaluate');
    await evaluate(version, options, outside, out);
  });

program
  .command('init')
  .description('make a new project')
  .argument('<folder>', 'new or empty')
  .action(async (folder: string) => {
    const { init } = await import('./commands/init');
    await init(folder, outside, out);
  });

program
  .command('doctor')
  .description('check that this machine has what Drover needs')
  .addOption(home)
  .action(async (options: SettingFlags) => {
    const { doctor } = await import('./commands/doctor');
    await doctor(options, outside, out);
  });

program
  .command('reset')
  .description('remove the state of this project: models, runs, workflows, logs')
  .option('-y, --yes', 'without asking')
  .option('--keep-data', 'keep the store: pictures, runs, models')
  .addOption(home)
  .action(async (options: ResetFlags) => {
    const { reset } = await import('./commands/reset');
    await reset(options, outside, out);
  });

const tied = new Option('--tied', 'end when standard input closes').hideHelp();

program
  .command('worker')
  .description('work on queues; how a second machine joins')
  .requiredOption('--queue <queue>', 'ml, cpu or gpu; may be given more than once', collect, [])
  .option('--end-when-idle <time>', 'end after so long with nothing to do, such as 10m')
  .addOption(home)
  .addOption(tied)
  .action(async (options: WorkerFlags) => {
    const { worker } = await import('./processes-entry');
    await worker(options, outside);
  });

program
  .command('api')
  .description('serve the champion')
  .option('--api-port <port>', 'of the API (default: 8080)')
  .addOption(home)
  .addOption(tied)
  .action(async (options: ProcessFlags) => {
    const { api } = await import('./processes-entry');
    await api(options, outside);
  });

program
  .command('notifications')
  .description("hear of a bucket's changes, and have its watch look: POST /notifications/<dataset>")
  .option('--port <port>', 'to listen on', '8090')
  .addOption(home)
  .addOption(tied)
  .action(async (options: ProcessFlags & { port: string }) => {
    const { notifications } = await import('./processes-entry');
    await notifications(options, outside);
  });

program
  .command('admin')
  .description('a page to approve, reject, roll back and name versions, for those with a token')
  .option('--port <port>', 'to listen on', '8095')
  .option('--host <host>', 'to listen on', '127.0.0.1')
  .option('--name <name>', 'a host name by which it is reached; may be given more than once', collect, [])
  .option('--new-token <who>', 'make a token for somebody, print it, and end')
  .addOption(home)
  .addOption(tied)
  .action(async (options: AdminFlags) => {
    const { admin } = await import('./processes-entry');
    await admin(options, outside, out);
  });

program
  .command('trainer', { hidden: true })
  .description('one training, as told by the worker that started it')
  .action(async () => {
    const { trainer } = await import('./processes-entry');
    await trainer();
  });

program
  .command('rehearsal', { hidden: true })
  .description('some steps of a training, as told by the command that started it')
  .action(async () => {
    const { rehearsal } = await import('./processes-entry');
    await rehearsal();
  });

nameHelp(program);

/** Does what the command line says. Apart from the program itself, so that the reference can be made from that. */
export function run(): void {
  // Whoever reads this is gone (`drover logs | head`): what runs is ended in order, anything else at once.
  process.stdout.on('error', () => {
    if (!process.emit('SIGTERM')) process.exit(0);
  });

  // However a process ends, the terminal gets its cursor back.
  process.on('exit', () => out.settle());

  program.parseAsync().catch((error: unknown) => {
    out.settle();
    const code = reportError(error, process.env, (line) => process.stderr.write(`${line}\n`));
    // Something that was opened before may still hold the process, such as a tied process's standard input.
    process.exit(code);
  });
}
