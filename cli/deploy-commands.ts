import { type Command, Option } from 'commander';
import { targetNames } from '../contracts/deployment-targets';
import type { DeployFlags } from './commands/deploy';
import type { DeploymentsFlags, SteerFlags } from './commands/deployments';
import type { Console } from './display/console';
import type { Outside } from './settings';

const by = new Option('--by <name>', 'who does, for the record (default: the user of this machine)');

/** `drover deploy` and `drover deployments …`: how a version comes to answer users. */
export function addDeployCommands(program: Command, home: Option, outside: Outside, out: Console): void {
  program
    .command('deploy')
    .description('take a version to where users ask it, step by step, and back where it does not do')
    .argument('[version]', 'a model, or name@version (default: the champion of the model that is served)')
    .argument('[changes...]', 'changes to configs/deploy.yaml, such as watch.time=10m')
    .addOption(
      new Option('--target <target>', 'where to (default: as configs/deploy.yaml says)').choices(targetNames),
    )
    .option('--config <file>', 'in place of configs/deploy.yaml')
    .option('--dry-run', 'print what would be done, and change nothing')
    .option('--reason <text>', 'why, for the record')
    .option('--detach', 'only start it')
    .option('--json', 'as JSON')
    .addOption(by)
    .addOption(home)
    .action(async (version: string | undefined, changes: string[], flags: DeployFlags) => {
      const { deployVersion } = await import('./commands/deploy');
      await deployVersion([version, ...changes], flags, outside, out);
    });

  const deployments = program
    .command('deployments')
    .description('the deployments, the newest first; one with its steps; steering the one that runs')
    .argument('[id]', 'of one: its steps, with times and figures')
    .option('--json', 'as JSON')
    .addOption(home)
    .enablePositionalOptions()
    .action(async (id: string | undefined, flags: DeploymentsFlags) => {
      const { deployments: list } = await import('./commands/deployments');
      await list(id, flags, outside, out);
    });

  for (const [name, description] of [
    ['rollback', 'have a deployment that runs go back to what answered before'],
    ['advance', 'take the step that is being watched as passed'],
  ] as const) {
    deployments
      .command(name)
      .description(description)
      .argument('[id]', 'of the deployment (default: the only one that runs)')
      .requiredOption('--reason <text>', 'why, for the record')
      .addOption(by)
      .addOption(home)
      .action(async (id: string | undefined, flags: SteerFlags) => {
        const { steerDeployment } = await import('./commands/deployments');
        await steerDeployment(name, id, flags, outside, out);
      });
  }
}
