import { type Command, type Option } from 'commander';
import type { ExportFlags } from './commands/predictions/export';
import type { ListFlags } from './commands/predictions/ls';
import type { PruneFlags } from './commands/predictions/prune';
import type { RemoveFlags } from './commands/predictions/remove';
import type { Console } from './display/console';
import type { Outside } from './settings';

const asJson = ['--json', 'as JSON'] as const;
const since = ['--since <time>', 'made since then: 30m, 12h, 7d ago, or a date'] as const;

/** `drover predictions …`: what the API has kept of its answers. Each is loaded only when it is the one that was asked for. */
export function addPredictionCommands(program: Command, home: Option, outside: Outside, out: Console): void {
  const predictions = program
    .command('predictions')
    .description('kept predictions and what was said of them: list, export, remove, prune')
    .configureHelp({ sortSubcommands: false });

  predictions
    .command('list')
    .alias('ls')
    .description('the last predictions, their true classes where somebody said them')
    .option(...since)
    .option('--class <name>', 'of that class alone, by the model')
    .option('--wrong', 'only those of which somebody says another class')
    .option('-n, --limit <count>', 'so many at most', '50')
    .option(...asJson)
    .addOption(home)
    .action(async (options: ListFlags) => {
      const { listPredictions } = await import('./commands/predictions/ls');
      await listPredictions(options, outside, out);
    });

  predictions
    .command('export')
    .description('put kept pictures into a folder, a sub-folder a class, with a manifest.csv')
    .argument('<folder>', 'new or empty')
    .option(...since)
    .option('--labelled', 'only those whose true class somebody said')
    .option(...asJson)
    .addOption(home)
    .action(async (folder: string, options: ExportFlags) => {
      const { exportKept } = await import('./commands/predictions/export');
      await exportKept(folder, options, outside, out);
    });

  predictions
    .command('remove')
    .description('remove one prediction, with its picture and what was said of it')
    .argument('<id>', "the prediction's")
    .option('-y, --yes', 'without asking')
    .option(...asJson)
    .addOption(home)
    .action(async (id: string, options: RemoveFlags) => {
      const { removePrediction } = await import('./commands/predictions/remove');
      await removePrediction(id, options, outside, out);
    });

  predictions
    .command('prune')
    .description('remove what is older than a time, by whole days')
    .requiredOption('--older-than <time>', 'such as 30d')
    .option('--dry-run', 'only say what would be removed')
    .option(...asJson)
    .addOption(home)
    .action(async (options: PruneFlags) => {
      const { prune } = await import('./commands/predictions/prune');
      await prune(options, outside, out);
    });
}
