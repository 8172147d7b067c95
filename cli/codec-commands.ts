import { type Command, Option } from 'commander';
import type { Console } from './display/console';
import type { CodecFlags } from './processes-entry';
import type { Outside } from './settings';

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

/** What is encrypted in Temporal: keys, and reading it again. */
export function addCodecCommands(program: Command, home: Option, outside: Outside, out: Console): void {
  program
    .command('codec')
    .description("show Temporal's UI and command line what is encrypted: POST /decode and /encode")
    .option('--port <port>', 'to listen on', '8097')
    .option('--host <host>', 'to listen on', '127.0.0.1')
    .option(
      '--ui <origin>',
      "of Temporal's UI (default: this project's); may be given more than once",
      collect,
      [],
    )
    .option('--name <name>', 'a host name by which it is reached; may be given more than once', collect, [])
    .option('--new-key <name>', 'print a new key, as a line for the file of keys, and end')
    .addOption(home)
    .addOption(new Option('--tied', 'end when standard input closes').hideHelp())
    .action(async (options: CodecFlags) => {
      const { codec } = await import('./processes-entry');
      await codec(options, outside, (line) => out.say(line));
    });
}
