import { type Command, type Option } from 'commander';
import type { CheckFlags } from './commands/store/check';
import type { MigrateFlags } from './commands/store/migrate';
import type { Console } from './display/console';
import type { Outside } from './settings';
import { untilStopped } from './stop-signal';

const asJson = ['--json', 'as JSON'] as const;

/** `drover store …`: the store as a whole. Each is loaded only when it is the one that was asked for. */
export function addStoreCommands(program: Command, home: Option, outside: Outside, out: Console): void {
  const store = program
    .command('store')
    .description('the store as a whole: whether it is well, and of which format it is');

  store
    .command('check')
    .description('read everything, and say what is missing, damaged or half written; changes nothing')
    .option('--quick', 'read the documents alone, not pictures, checkpoints and models')
    .option(...asJson)
    .addOption(home)
    .action((options: CheckFlags) =>
      untilStopped(async (signal) => {
        const { check } = await import('./commands/store/check');
        await check(options, outside, out, signal);
      }, 'Nothing was changed.'),
    );

  store
    .command('migrate')
    .description("bring a store of an earlier version to this one's format")
    .option('--dry-run', 'say what would be done, and do nothing')
    .option(...asJson)
    .addOption(home)
    .action(async (options: MigrateFlags) => {
      const { migrate } = await import('./commands/store/migrate');
      await migrate(options, outside, out);
    });
}
