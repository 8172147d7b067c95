import { type Command, type Option } from 'commander';
import type { RerunFlags } from './commands/rerun';
import type { TrainFlags } from './commands/train';
import type { Console } from './display/console';
import type { Outside } from './settings';
import { untilStopped } from './stop-signal';

const goesOn = 'The same command goes on from the last checkpoint.';

/** Trainings on this machine, without Temporal. */
export function addTrainingCommands(program: Command, home: Option, outside: Outside, out: Console): void {
  program
    .command('train')
    .description('one training here, without Temporal: npx drover train --local')
    .argument('[input...]', 'a configuration, such as configs/train.yaml, and changes: key=value')
    .option('--local', 'in this process (on the workers: drover run train)')
    .option('--data <source>', 'a folder, one sub-folder a class, or sample://animals')
    .option('--json', 'print the result as JSON')
    .addOption(home)
    .action(async (input: string[], flags: TrainFlags) => {
      const { train } = await import('./commands/train');
      await untilStopped((signal) => train(input, flags, outside, out, signal), goesOn);
      process.exit(0);
    });

  program
    .command('rerun')
    .description('train a run once more here, and say whether it gives the same model to the byte')
    .argument('<run>', 'its id, or how it begins')
    .option('--json', 'print the comparison as JSON')
    .addOption(home)
    .action(async (run: string, flags: RerunFlags) => {
      const { rerun } = await import('./commands/rerun');
      await untilStopped((signal) => rerun({ run, flags, outside, out, signal }), goesOn);
      process.exit();
    });
}
