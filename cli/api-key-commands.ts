import { type Command, type Option } from 'commander';
import type { CreateFlags, ListFlags, RevokeFlags } from './commands/api-keys';
import type { Console } from './display/console';
import type { Outside } from './settings';

/** `drover api-keys …`: who may ask the API, where it asks for keys. */
export function addApiKeyCommands(program: Command, home: Option, outside: Outside, out: Console): void {
  const keys = program.command('api-keys').description('who may ask the API, where it asks for keys');

  keys
    .command('ls', { isDefault: true })
    .description('the keys, and which of them hold')
    .option('--json', 'as JSON')
    .addOption(home)
    .action(async (flags: ListFlags) => {
      const { listApiKeys } = await import('./commands/api-keys');
      await listApiKeys(flags, outside, out);
    });

  keys
    .command('create')
    .description('make a key for somebody, beside those they have, and print it this once')
    .argument('<name>', 'of whoever will hold it')
    .option('--expires <time>', 'after so long, such as 90d (default: never)')
    .addOption(home)
    .action(async (name: string, flags: CreateFlags) => {
      const { createApiKey } = await import('./commands/api-keys');
      await createApiKey(name, flags, outside, out);
    });

  keys
    .command('revoke')
    .description("end a name's keys")
    .argument('<name>', 'of whoever holds them')
    .option('--older', 'all but the newest, once that is in use')
    .addOption(home)
    .action(async (name: string, flags: RevokeFlags) => {
      const { revokeApiKeys } = await import('./commands/api-keys');
      await revokeApiKeys(name, flags, outside, out);
    });
}
