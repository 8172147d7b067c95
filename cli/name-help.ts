import type { Command } from 'commander';

/** Has each command end what it says of wrong words with where its own help is: `(see `drover sweep pause --help`)`. */
export function nameHelp(command: Command, way: readonly string[] = []): void {
  const words = [...way, command.name()];
  command.showHelpAfterError(`(see \`${words.join(' ')} --help\`)`);
  for (const inner of command.commands) nameHelp(inner, words);
}
