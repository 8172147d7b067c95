import { type Command, Option } from 'commander';
import type { DecisionFlags } from './commands/decide';
import type { PromoteFlags } from './commands/promote';
import type { RollbackFlags } from './commands/rollback';
import type { Console } from './display/console';
import type { Outside } from './settings';

const by = new Option('--by <name>', 'who does, for the record (default: the user of this machine)');

/** `drover promote | approve | reject | rollback`: which version is the champion. */
export function addPromotionCommands(program: Command, home: Option, outside: Outside, out: Console): void {
  program
    .command('promote')
    .description('judge a version by the gates, and make it the champion')
    .argument('[version]', 'name@version (default: the latest of the model that is served)')
    .option('--dry-run', 'judge, and move nothing')
    .option('--reason <text>', 'why, for the record')
    .option('--wait', 'where a person is to decide: wait for that')
    .option('--json', 'as JSON')
    .addOption(by)
    .addOption(home)
    .action(async (version: string | undefined, flags: PromoteFlags) => {
      const { promoteVersion } = await import('./commands/promote');
      await promoteVersion(version, flags, outside, out);
    });

  for (const [name, description] of [
    ['approve', 'let a promotion that waits for a person go on'],
    ['reject', 'refuse a promotion that waits for a person'],
  ] as const) {
    program
      .command(name)
      .description(description)
      .argument('[promotion]', "name@version, or the workflow's id (default: the only one that waits)")
      .requiredOption('--by <name>', 'who decides')
      .requiredOption('--reason <text>', 'why')
      .addOption(home)
      .action(async (promotion: string | undefined, flags: DecisionFlags) => {
        const { decide } = await import('./commands/decide');
        await decide(name, promotion, flags, outside, out);
      });
  }

  program
    .command('rollback')
    .description('make an earlier version the champion again, judging nothing')
    .argument('[model]', 'the model (default: the one that is served)')
    .option('--to <version>', 'which (default: the champion before this one)')
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--json', 'as JSON')
    .addOption(by)
    .addOption(home)
    .action(async (model: string | undefined, flags: RollbackFlags) => {
      const { rollbackModel } = await import('./commands/rollback');
      await rollbackModel(model, flags, outside, out);
    });
}
