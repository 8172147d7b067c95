import { type Command, Option } from 'commander';
import type { SweepFlags } from './commands/sweep';
import type { SweepReportFlags } from './commands/sweep-report';
import type { Console } from './display/console';
import type { Outside, SettingFlags } from './settings';
import { untilStopped } from './stop-signal';

/** `drover sweep …`: watching and steering a sweep that runs, and looking at those that have ended. */
export function addSweepCommands(program: Command, home: Option, outside: Outside, out: Console): void {
  const sweep = program
    .command('sweep')
    .description('a sweep: watch it, pause it, change it, see what came of it');
  const command = (name: string, description: string): Command =>
    sweep
      .command(name)
      .description(description)
      .addOption(new Option('--id <id>', 'of the sweep (default: the one that runs)'))
      .addOption(home);
  const load = () => import('./commands/sweep');

  command('watch', 'its leaderboard, until it ends').action(async (flags: SweepFlags) => {
    const { watchSweep } = await load();
    await untilStopped((signal) => watchSweep({ flags, outside, out }, signal), 'The sweep goes on.');
    process.exit(0);
  });
  command('pause', 'begin no new trial').action(async (flags: SweepFlags) => {
    const { steer, wishes } = await load();
    await steer(wishes.pause(), { flags, outside, out });
  });
  command('resume', 'begin trials again').action(async (flags: SweepFlags) => {
    const { steer, wishes } = await load();
    await steer(wishes.resume(), { flags, outside, out });
  });
  command('stop', 'end it with what it has, once the trials under way have ended')
    .option('--now', 'and stop those, too')
    .action(async (flags: SweepFlags & { readonly now?: boolean }) => {
      const { steer, wishes } = await load();
      await steer(wishes.stop(flags.now === true), { flags, outside, out });
    });
  command('add', 'try these parameters before any that the search suggests')
    .argument('<parameters...>', 'key=value')
    .action(async (words: string[], flags: SweepFlags) => {
      const { steer, wishes } = await load();
      await steer(wishes.add(words), { flags, outside, out });
    });
  command('kill', 'stop one trial, its checkpoint saved')
    .argument('<trial>', 'its number')
    .action(async (trial: string, flags: SweepFlags) => {
      const { steer, wishes } = await load();
      await steer(wishes.kill(trial), { flags, outside, out });
    });
  command('retry', 'try the trials that have failed once more').action(async (flags: SweepFlags) => {
    const { steer, wishes } = await load();
    await steer(wishes.retry(), { flags, outside, out });
  });
  command('extend', "train the best trial's parameters for longer")
    .argument('<epochs>')
    .action(async (epochs: string, flags: SweepFlags) => {
      const { steer, wishes } = await load();
      await steer(wishes.extend(epochs), { flags, outside, out });
    });
  command('parallelism', 'how many trials are under way at once')
    .argument('<count>')
    .action(async (count: string, flags: SweepFlags) => {
      const { steer, wishes } = await load();
      await steer(wishes.parallelism(count), { flags, outside, out });
    });
  command('cap', 'how many trials there are in all')
    .argument('<count>')
    .action(async (count: string, flags: SweepFlags) => {
      const { steer, wishes } = await load();
      await steer(wishes.cap(count), { flags, outside, out });
    });

  sweep
    .command('report')
    .description('write its report as a page, and print where')
    .argument('[id]', 'of the sweep (default: the one that runs, or else the last that was recorded)')
    .option('--out <file>', 'write it there (default: beside its record in the store)')
    .option('--cost-per-hour <price>', 'of training, to say what stopping early saved in money')
    .option('--json', 'print where as JSON')
    .addOption(home)
    .action(async (id: string | undefined, flags: SweepReportFlags) => {
      const { reportSweep } = await import('./commands/sweep-report');
      await reportSweep(id, flags, outside, out);
      process.exit(0);
    });
  sweep
    .command('compare')
    .description('two sweeps side by side, at equal cost too')
    .argument('<id>', 'of one sweep')
    .argument('<other>', 'of another with the same metric')
    .option('--json', 'as JSON')
    .addOption(home)
    .action(async (id: string, other: string, flags: SettingFlags & { readonly json?: boolean }) => {
      const { compareTwoSweeps } = await import('./commands/sweep-compare');
      await compareTwoSweeps([id, other], flags, outside, out);
    });
}
