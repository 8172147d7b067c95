import { type Command, type Option } from 'commander';
import type { PredictFlags } from './commands/predict';
import type { Console } from './display/console';
import type { Outside } from './settings';
import { untilStopped } from './stop-signal';

/** Commands that ask an API that runs, here or elsewhere. */
export function addServingCommands(program: Command, home: Option, outside: Outside, out: Console): void {
  program
    .command('predict')
    .description('ask the API what is in pictures: files, folders, patterns')
    .argument('<files...>', 'such as cat.jpg photos/')
    .option('--url <url>', "the API's address (default: this project's)")
    .option('--top <count>', 'so many of the likeliest classes', '3')
    .option('--json', 'as JSON')
    .option('--api-key-file <file>', 'with the key, where the API asks for one')
    .addOption(home)
    .action(async (files: string[], flags: PredictFlags) => {
      const { predict } = await import('./commands/predict');
      await untilStopped(async (signal) => {
        if (!(await predict(files, flags, outside, out, signal))) process.exitCode = 1;
      });
      process.exit();
    });
}
