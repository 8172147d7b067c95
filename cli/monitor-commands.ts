import { type Command, Option } from 'commander';
import type { DecisionFlags } from './commands/monitor/decide';
import type { ListFlags } from './commands/monitor/list';
import type { MonitorFlags } from './commands/monitor/place';
import type { ReportFlags } from './commands/monitor/report';
import type { RunMonitorFlags } from './commands/monitor/run';
import type { ScheduleFlags } from './commands/monitor/schedule';
import type { Console } from './display/console';
import type { Outside } from './settings';

const words = [
  '[changes...]',
  'a configuration in place of configs/monitor.yaml, and changes: key=value',
] as const;
const asJson = ['--json', 'as JSON'] as const;
const model = new Option('--model <name>', 'the model (default: the one that is served)');

/** `drover monitor …`: whether what users send still looks like what the champion was made of. */
export function addMonitorCommands(program: Command, home: Option, outside: Outside, out: Console): void {
  const monitor = program
    .command('monitor')
    .description('drift: compare what users send with what the champion was made of, now or on a schedule')
    .configureHelp({ sortSubcommands: false });

  monitor
    .command('run')
    .description('look now; ends with 1 where drift was found')
    .argument(...words)
    .option('--dry-run', 'compare and report; tell nobody, start nothing')
    .option('--until <time>', "the window's end, such as 2026-11-25T14:30Z (default: now)")
    .option(...asJson)
    .addOption(model)
    .addOption(home)
    .action(async (changes: string[], flags: RunMonitorFlags) => {
      const { runMonitor } = await import('./commands/monitor/run');
      await runMonitor(changes, flags, outside, out);
    });

  monitor
    .command('schedule')
    .description('look again and again from now on, in place of the schedule that is there')
    .argument(...words)
    .option('--every <time>', 'such as 6h (default: `every` of the configuration)')
    .option('--cron <line>', 'such as "0 6 * * *", UTC')
    .option(...asJson)
    .addOption(model)
    .addOption(home)
    .action(async (changes: string[], flags: ScheduleFlags) => {
      const { scheduleMonitor } = await import('./commands/monitor/schedule');
      await scheduleMonitor(changes, flags, outside, out);
    });

  for (const [name, description] of [
    ['unschedule', 'look no more; looks that were made stay'],
    ['pause', 'look no more until `resume`'],
    ['resume', 'look again'],
  ] as const) {
    monitor
      .command(name)
      .description(description)
      .option(...asJson)
      .addOption(model)
      .addOption(home)
      .action(async (flags: MonitorFlags) => {
        const { changeSchedule } = await import('./commands/monitor/schedule');
        await changeSchedule(name, flags, outside, out);
      });
  }

  monitor
    .command('status')
    .description('when it is looked at, what the last look found, and what followed')
    .option(...asJson)
    .addOption(model)
    .addOption(home)
    .action(async (flags: MonitorFlags) => {
      const { monitorStatus } = await import('./commands/monitor/status');
      await monitorStatus(flags, outside, out);
    });

  monitor
    .command('list')
    .description('the looks that were made, the newest first')
    .option('-n, --limit <count>', 'so many at most', '20')
    .option(...asJson)
    .addOption(model)
    .addOption(home)
    .action(async (flags: ListFlags) => {
      const { listLooks } = await import('./commands/monitor/list');
      await listLooks(flags, outside, out);
    });

  monitor
    .command('report')
    .description("open a look's report: each check, distributions, the most foreign pictures")
    .argument('[look]', 'its id (default: the latest)')
    .option('--out <file>', 'write it there instead')
    .option(...asJson)
    .addOption(model)
    .addOption(home)
    .action(async (look: string | undefined, flags: ReportFlags) => {
      const { reportLook } = await import('./commands/monitor/report');
      await reportLook(look, flags, outside, out);
    });

  for (const [name, description] of [
    ['approve', 'have the pipeline started that a look asks for (on_breach: ask)'],
    ['reject', 'have no pipeline started'],
  ] as const) {
    monitor
      .command(name)
      .description(description)
      .requiredOption('--by <name>', 'who decides')
      .requiredOption('--reason <text>', 'why')
      .option(...asJson)
      .addOption(model)
      .addOption(home)
      .action(async (flags: DecisionFlags) => {
        const { decideDrift } = await import('./commands/monitor/decide');
        await decideDrift(name, flags, outside, out);
      });
  }
}
