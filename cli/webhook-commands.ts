import { type Command, type Option } from 'commander';
import type { JsonFlags } from './commands/webhooks/place';
import type { Console } from './display/console';
import type { Outside } from './settings';

const asJson = ['--json', 'as JSON'] as const;

/** `drover webhooks …`: who is told of what happens in the registry. */
export function addWebhookCommands(program: Command, home: Option, outside: Outside, out: Console): void {
  const webhooks = program
    .command('webhooks')
    .description('who is told of what happens in the registry, and what became of it');

  webhooks
    .command('list', { isDefault: true })
    .description('the webhooks of configs/webhooks.yaml, and the last deliveries')
    .option(...asJson)
    .addOption(home)
    .action(async (options: JsonFlags) => {
      const { listWebhooks } = await import('./commands/webhooks/list');
      await listWebhooks(options, outside, out);
    });

  webhooks
    .command('test')
    .description('tell one, or each, that this is a test')
    .argument('[name]', 'of the webhook')
    .option(...asJson)
    .addOption(home)
    .action(async (name: string | undefined, options: JsonFlags) => {
      const { testWebhooks } = await import('./commands/webhooks/test');
      await testWebhooks(name, options, outside, out);
      process.exit(0);
    });
}
