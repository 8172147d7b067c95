import { type Command, type Option } from 'commander';
import type { LrRangeFlags } from './commands/lr-range';
import type { ProfileFlags } from './commands/profile';
import type { Console } from './display/console';
import type { Outside } from './settings';
import { untilStopped } from './stop-signal';

/** `drover profile` and `drover lr-range`: some steps of a training, whose weights nobody keeps. */
export function addRehearsalCommands(program: Command, home: Option, outside: Outside, out: Console): void {
  const common = (command: Command): Command =>
    command
      .argument('[input...]', 'a configuration, such as configs/train.yaml, and changes: key=value')
      .option('--data <source>', 'a folder, one sub-folder a class, or sample://animals')
      .option('--phase <name>', 'of a run in parts, such as fine-tune (default: the first)')
      .option('--json', 'print the result as JSON')
      .addOption(home);

  common(
    program.command('profile').description("where the time of a training's steps goes, and a trace of it"),
  )
    .option('--steps <count>', 'steps that count (default: 20)')
    .option('--trace <file>', 'where the trace goes (default: into the store)')
    .action(async (words: string[], flags: ProfileFlags) => {
      const { profile } = await import('./commands/profile');
      await untilStopped((signal) => profile({ words, flags, outside, out, signal }));
      process.exit(0);
    });

  common(
    program.command('lr-range').description('which learning rates to begin with: a range test with its plot'),
  )
    .option('--from <rate>', 'the first (default: 1e-6)')
    .option('--to <rate>', 'the last (default: 1)')
    .option('--steps <count>', 'from the first to the last (default: 100)')
    .option('--page <file>', 'where the page goes (default: into the store)')
    .action(async (words: string[], flags: LrRangeFlags) => {
      const { lrRange } = await import('./commands/lr-range');
      await untilStopped((signal) => lrRange({ words, flags, outside, out, signal }));
      process.exit(0);
    });
}
