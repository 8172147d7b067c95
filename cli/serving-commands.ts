import { type Command, type Option } from 'commander';
import type { LoadtestFlags } from './commands/loadtest';
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

  program
    .command('loadtest')
    .description('load an API with pictures, and print what it bore')
    .argument('<url>', 'such as http://localhost:8080')
    .option('--pictures <folder>', "that are sent (default: a few of the sample set's)")
    .option('--connections <count>', 'with one request under way on each (default: 16)')
    .option('--rate <count>', 'requests a second, whatever is answered, in place of connections')
    .option('--duration <time>', 'such as 10s or 2m', '10s')
    .option('--api-key-file <file>', 'with the key, where the API asks for one')
    .option('--yes-it-is-mine', 'for addresses on the public internet')
    .option('--json', 'as JSON')
    .action(async (url: string, flags: LoadtestFlags) => {
      const { loadtest } = await import('./commands/loadtest');
      await untilStopped(async (signal) => {
        if (!(await loadtest(url, flags, outside, out, signal))) process.exitCode = 1;
      });
      process.exit();
    });
}
