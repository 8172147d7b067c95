import type { Command, Option } from 'commander';
import type { GpuWorkersFlags } from './commands/gpu-workers';
import type { Console } from './display/console';
import type { Outside } from './settings';

/** `drover gpu-workers …`: workers at Google, as many as the queue needs. */
export function addGpuWorkersCommands(program: Command, home: Option, outside: Outside, out: Console): void {
  const group = program
    .command('gpu-workers')
    .description('GPU workers on Vertex AI, started when trainings wait: status, plan, start, stop')
    .enablePositionalOptions();
  for (const [name, description] of [
    ['status', 'the jobs, with state, hours and money; what the last look said'],
    ['plan', 'what a look would do now, and what it would ask of Google, as YAML; it changes nothing'],
    ['start', 'look at the queue from now on, and start workers where trainings wait'],
    ['stop', 'end every job and stop looking; done when Google says that all have ended'],
  ] as const) {
    const command = group.command(name).description(description);
    if (name !== 'status') command.option('--config <file>', 'in place of configs/gpu-workers.yaml');
    if (name === 'plan') command.option('--dry-run', 'what it is anyway');
    command
      .option('--json', 'as JSON')
      .addOption(home)
      .action(async (flags: GpuWorkersFlags) => {
        const commands = await import('./commands/gpu-workers');
        await commands.gpuWorkers(name, flags, outside, out);
      });
  }
}
