import { type Command, type Option } from 'commander';
import type { AliasFlags } from './commands/models/alias';
import type { ExportFlags } from './commands/models/export';
import type { FormsFlags } from './commands/models/forms';
import type { JsonFlags } from './commands/models/place';
import type { ShowFlags } from './commands/models/show';
import type { Console } from './display/console';
import type { Outside } from './settings';

const asJson = ['--json', 'as JSON'] as const;
const versionHelp = 'a model, or name@version: 3, latest, or an alias such as champion';

/** `drover models …`: the registry's versions and aliases. Each is loaded only when it is the one that was asked for. */
export function addModelCommands(program: Command, home: Option, outside: Outside, out: Console): void {
  const models = program
    .command('models')
    .description('the registered versions of a model: list, look at, compare, trace, export, name')
    .argument('[name]', 'the model (default: the one that is served)')
    .option(...asJson)
    .addOption(home)
    // So that `models list --json` is the sub-command's flag.
    .enablePositionalOptions()
    .configureHelp({ sortSubcommands: false })
    .action(async (name: string | undefined, options: JsonFlags) => {
      const { models: list } = await import('./commands/models/list');
      await list(name, options, outside, out);
    });

  models
    .command('list')
    .description('every model with its versions, their figures and aliases')
    .argument('[name]', 'of one model alone')
    .option(...asJson)
    .addOption(home)
    .action(async (name: string | undefined, options: JsonFlags) => {
      const { listModels } = await import('./commands/models/list');
      await listModels(name, options, outside, out);
    });

  models
    .command('show')
    .description('one version: figures, files with their digests, where it comes from')
    .argument('[version]', versionHelp)
    .option('--card', 'print its card')
    .option(...asJson)
    .addOption(home)
    .action(async (version: string | undefined, options: ShowFlags) => {
      const { showModel } = await import('./commands/models/show');
      await showModel(version, options, outside, out);
    });

  models
    .command('diff')
    .description('what two versions do not have alike')
    .argument('<before>', versionHelp)
    .argument('<after>', 'the same, or a number alone')
    .option(...asJson)
    .addOption(home)
    .action(async (before: string, after: string, options: JsonFlags) => {
      const { diffModels } = await import('./commands/models/diff');
      await diffModels([before, after], options, outside, out);
    });

  models
    .command('history')
    .description('what happened to a model: who moved which alias, when and why')
    .argument('[name]', 'the model (default: the one that is served)')
    .option(...asJson)
    .addOption(home)
    .action(async (name: string | undefined, options: JsonFlags) => {
      const { modelHistory } = await import('./commands/models/history');
      await modelHistory(name, options, outside, out);
    });

  models
    .command('lineage')
    .description("from an answer of the API back to the pictures' sources, with digests")
    .argument('[version]', versionHelp)
    .option(...asJson)
    .addOption(home)
    .action(async (version: string | undefined, options: JsonFlags) => {
      const { modelLineage } = await import('./commands/models/lineage');
      await modelLineage(version, options, outside, out);
    });

  models
    .command('forms')
    .description('what a version could be served as, side by side: float32, float16, int8; changes nothing')
    .argument('[version]', versionHelp)
    .option('--forms <forms>', 'which of float16 and int8 are made', 'float16,int8')
    .option('--most-loss <share>', 'of accuracy on the validation pictures that a form may lose', '0.005')
    .option('--choose <how>', 'fastest, smallest or float32', 'fastest')
    .option(...asJson)
    .addOption(home)
    .action(async (version: string | undefined, options: FormsFlags) => {
      const { modelForms } = await import('./commands/models/forms');
      await modelForms(version, options, outside, out);
    });

  models
    .command('export')
    .description('put a version into a folder of its own, its digests checked')
    .argument('<version>', versionHelp)
    .requiredOption('--out <folder>', 'new or empty')
    .option(...asJson)
    .addOption(home)
    .action(async (version: string, options: ExportFlags) => {
      const { exportModel } = await import('./commands/models/export');
      await exportModel(version, options, outside, out);
    });

  models
    .command('alias')
    .description('set a name for a version, or take it away')
    .argument('<name>', 'the model')
    .argument('<alias>', 'such as staging; champion is moved by promote and rollback')
    .argument('[version]', 'a number, latest, or another alias')
    .option('--by <who>', 'for the history (default: you)')
    .requiredOption('--reason <why>', 'for the history')
    .option('--remove', 'take the alias away')
    .option(...asJson)
    .addOption(home)
    .action(async (model: string, alias: string, version: string | undefined, options: AliasFlags) => {
      const { aliasModel } = await import('./commands/models/alias');
      await aliasModel([model, alias, version], options, outside, out);
    });
}
