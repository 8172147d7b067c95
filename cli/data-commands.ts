import { type Command, type Option } from 'commander';
import type { ExportFlags } from './commands/data/export';
import type { GcFlags } from './commands/data/gc';
import type { IngestFlags } from './commands/data/ingest';
import type { WatchFlags } from './commands/data/watch';
import type { Console } from './display/console';
import type { Outside, SettingFlags } from './settings';
import { untilStopped } from './stop-signal';

type JsonFlags = SettingFlags & { readonly json?: boolean };

const goesOn = 'The same command goes on.';
const asJson = ['--json', 'as JSON'] as const;
const versionHelp = 'a dataset, or name@version: first digits of a version, latest, latest~1';

/** `drover data …`: datasets and their versions. Each is loaded only when it is the one that was asked for. */
export function addDataCommands(program: Command, home: Option, outside: Outside, out: Console): void {
  const data = program
    .command('data')
    .description('datasets and their versions: take in, look at, compare, export, clean, watch')
    .configureHelp({ sortSubcommands: false });

  data
    .command('ingest')
    .description("take a source's pictures in as a version of a dataset")
    .argument(
      '[source]',
      "a folder, gs://, https://, kaggle://, sample://, an archive, a manifest, or a dataset's YAML (default: what configs/pipeline.yaml trains on)",
    )
    .argument('[changes...]', 'key=value, such as split.test=0.2 validate.tiny=keep')
    .option('--name <name>', "of the dataset (default: the source's)")
    .option('--dry-run', 'list what would be read, and take nothing in')
    .option('--detach', 'only start it')
    .option(...asJson)
    .addOption(home)
    .action(async (source: string | undefined, changes: string[], options: IngestFlags) => {
      const { ingest } = await import('./commands/data/ingest');
      // A workflow is left, not stopped: it hears of Ctrl-C itself.
      const run = (signal: AbortSignal): Promise<void> =>
        ingest(source === undefined ? [] : [source, ...changes], options, outside, out, signal);
      if (options.dryRun === true) await untilStopped(run, goesOn);
      else await run(new AbortController().signal);
    });

  data
    .command('list')
    .description('the datasets, each with its newest version')
    .option(...asJson)
    .addOption(home)
    .action(async (options: JsonFlags) => {
      const { list } = await import('./commands/data/list');
      await list(options, outside, out);
    });

  data
    .command('show')
    .description('one version: classes, splits, what was found')
    .argument('[version]', versionHelp)
    .option(...asJson)
    .addOption(home)
    .action(async (version: string | undefined, options: JsonFlags) => {
      const { show } = await import('./commands/data/show');
      await show(version, options, outside, out);
    });

  data
    .command('card')
    .description("a version's card: print where it is, and open it")
    .argument('[version]', versionHelp)
    .option(...asJson)
    .addOption(home)
    .action(async (version: string | undefined, options: JsonFlags) => {
      const { card } = await import('./commands/data/card');
      await card(version, options, outside, out);
    });

  data
    .command('diff')
    .description('what changed from one version to another')
    .argument('[before]', `${versionHelp} (default: latest~1)`)
    .argument('[after]', 'the same (default: latest)')
    .option('--all', 'every path, not only the first of each kind')
    .option(...asJson)
    .addOption(home)
    .action(
      async (
        before: string | undefined,
        after: string | undefined,
        options: JsonFlags & { readonly all?: boolean },
      ) => {
        const { diff } = await import('./commands/data/diff');
        await diff(before, after, options, outside, out);
      },
    );

  data
    .command('lineage')
    .description('where a version comes from, and which runs and models came of it')
    .argument('[version]', versionHelp)
    .option(...asJson)
    .addOption(home)
    .action(async (version: string | undefined, options: JsonFlags) => {
      const { lineage } = await import('./commands/data/lineage');
      await lineage(version, options, outside, out);
    });

  data
    .command('export')
    .description('put a version into a plain folder')
    .argument('<version>', versionHelp)
    .argument('<folder>', 'new, empty, or an earlier export')
    .option('--layout <layout>', 'split: <split>/<label>/<file>; flat: <label>/<file>', 'split')
    .option('--force', 'also into a folder that holds something else')
    .option(...asJson)
    .addOption(home)
    .action(async (version: string, folder: string, options: ExportFlags) => {
      const { exportData } = await import('./commands/data/export');
      await untilStopped((signal) => exportData(version, folder, options, outside, out, signal), goesOn);
    });

  data
    .command('gc')
    .description('say what nothing needs any more; with --yes, remove it')
    .option('--keep <count>', 'so many of the newest versions of each dataset (default: all)')
    .option(
      '--grace <time>',
      'keep what was the newest version until so long ago, such as 12h or 0 (default: 7d)',
    )
    .option('-y, --yes', 'remove it')
    .option(
      '--ignore-work',
      'also where an ingest was announced that will never end, as one that was terminated',
    )
    .option(...asJson)
    .addOption(home)
    .action(async (options: GcFlags) => {
      const { gc } = await import('./commands/data/gc');
      await untilStopped((signal) => gc(options, outside, out, signal), goesOn);
    });

  data
    .command('watch')
    .description(
      'look at a source on a schedule, and train again when it has changed; without options: what is watched',
    )
    .argument(
      '[input...]',
      "the pipeline's configuration, such as configs/pipeline.yaml, and changes: key=value",
    )
    .option('--every <time>', 'so often: 30s, 10m, 2h, 1d')
    .option('--cron <line>', 'by a cron line, in UTC')
    .option('--settle <seconds>', 'how long a changed source must hold still (default: 30)')
    .option('--now', 'look at once')
    .option('--pause', 'look no more, until --resume')
    .option('--resume', 'look again')
    .option('--remove', 'watch no more')
    .option(...asJson)
    .addOption(home)
    .action(async (input: string[], options: WatchFlags) => {
      const { watch } = await import('./commands/data/watch');
      await watch(input, options, outside, out);
    });
}
