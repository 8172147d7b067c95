import type { Command } from 'commander';

/** Every command that help shows, with its own commands after it, by its whole name. */
export function commandsOf(program: Command, before = ''): readonly { name: string; command: Command }[] {
  const shown = new Set(program.createHelp().visibleCommands(program));
  return program.commands
    .filter((command) => shown.has(command))
    .flatMap((command) => {
      const name = `${before}${command.name()}`;
      return [{ name, command }, ...commandsOf(command, `${name} `)];
    });
}

/** @returns Markdown: what `drover <command> --help` prints, of every command. */
export function commandPage(program: Command): string {
  program.configureHelp({ ...program.configureHelp(), helpWidth: 100 });
  const parts = commandsOf(program).map(({ name, command }) => {
    command.configureHelp({ helpWidth: 100 });
    return `## drover ${name}\n\n\`\`\`text\n${command.helpInformation().trim()}\n\`\`\`\n`;
  });
  return `# Every command\n\nWhat \`npx drover <command> --help\` prints. What they are for is in [the command line](../cli.md).\n\n${parts.join('\n')}`;
}
