import type { Command, Option } from 'commander';
import type { GcpFlags } from './commands/gcp/walk-project';
import type { Console } from './display/console';
import type { Outside } from './settings';

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** `drover gcp …`: what a project at Google needs. Each is loaded only when it is the one that was asked for. */
export function addGcpCommands(program: Command, home: Option, outside: Outside, out: Console): void {
  const gcp = program
    .command('gcp')
    .description('a project at Google: what it needs, made where it is missing, or only looked at')
    .enablePositionalOptions();

  const setup = withPlaces(gcp.command('setup'), home)
    .description('make what is missing: APIs, service accounts with the least roles, bucket, registry')
    .option('--dry-run', 'say what is there and what would be made, with the same by gcloud; change nothing');
  setup.action(async (flags: GcpFlags & { dryRun?: boolean }) => {
    const commands = await import('./commands/gcp/setup');
    await commands.setup(flags, outside, out);
  });

  withPlaces(gcp.command('check'), home)
    .description('say what is missing, and what to do; exit code 1 where something is')
    .action(async (flags: GcpFlags) => {
      const commands = await import('./commands/gcp/check');
      await commands.check(flags, outside, out);
    });
}

function withPlaces(command: Command, home: Option): Command {
  return command
    .option('--project <id>', 'at Google (default: as configs/deploy.yaml or configs/gpu-workers.yaml says)')
    .option('--region <region>', 'of bucket, registry and service (default: as they say)')
    .option('--bucket <name>', "of the store (default: the store's, or <project>-drover)")
    .option('--repository <name>', 'in Artifact Registry (default: that of the configured images, or drover)')
    .option('--service <name>', 'on Cloud Run (default: as configs/deploy.yaml says)')
    .option(
      '--gpu-region <region>',
      'to look for GPUs in; may be given more than once (default: as configs/gpu-workers.yaml says)',
      collect,
    )
    .option(
      '--name <name>',
      'of the accounts: <name>-api, <name>-worker, <name>-trainer, <name>-monitor (default: drover)',
    )
    .option(
      '--drift-image <image>',
      'the image worker, for a job on Cloud Run that looks for drift (default: no job)',
    )
    .option('--drift-cron <line>', 'when it looks, in UTC (default: 0 6 * * *)')
    .option(
      '--drift-api-key-secret <secret>',
      "projects/<id>/secrets/<name> of Temporal's API key, where it wants one",
    )
    .option('--json', 'as JSON')
    .addOption(home);
}
