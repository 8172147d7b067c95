import { type Command, type Option } from 'commander';
import type { ApplyFlags } from './commands/feedback/apply';
import type { DecideFlags } from './commands/feedback/decide';
import type { ListFlags } from './commands/feedback/list';
import type { FeedbackFlags } from './commands/feedback/place';
import type { Console } from './display/console';
import type { Outside } from './settings';

const itemHelp = "first digits of the picture's SHA-256, or the id of a prediction";

/** `drover feedback …`: labels that users gave. Each is loaded only when it is the one that was asked for. */
export function addFeedbackCommands(program: Command, home: Option, outside: Outside, out: Console): void {
  const feedback = program
    .command('feedback')
    .description('labels that users gave: look at them, review them, make them part of the dataset')
    .configureHelp({ sortSubcommands: false });

  const command = (name: string, description: string): Command =>
    feedback
      .command(name)
      .description(description)
      .option('--model <name>', "the model's, and so the dataset's (default: that of configs/pipeline.yaml)")
      .option('--json', 'as JSON')
      .addOption(home);

  command('list', 'the pictures that somebody said something of, those that wait for a review first')
    .option('--since <time>', 'predicted since then: 30m, 12h, 7d ago, or a date')
    .option('--state <state>', 'waiting, accepted, corrected or refused')
    .option('--differing', 'only those about which people differ')
    .option('-n, --limit <count>', 'so many at most', '50')
    .action(async (options: ListFlags) => {
      const { listFeedback } = await import('./commands/feedback/list');
      await listFeedback(options, outside, out);
    });

  command('show', 'one picture: what the model said, what people said, what was decided')
    .argument('<picture>', itemHelp)
    .action(async (wished: string, options: FeedbackFlags) => {
      const { showFeedback } = await import('./commands/feedback/show');
      await showFeedback(wished, options, outside, out);
    });

  const decision = (name: string, description: string): Command =>
    command(name, description)
      .option('--by <name>', 'who decides (default: your name on this machine)')
      .option('--note <text>', 'why');

  decision('accept', 'the label that most people gave is right')
    .argument('[pictures...]', itemHelp)
    .option('--agreed', 'every picture that waits and about which all who spoke agree')
    .option('--people <count>', 'with --agreed: so many voices at least', '1')
    .action(async (wished: string[], options: DecideFlags) => {
      const { acceptFeedback } = await import('./commands/feedback/decide');
      await acceptFeedback(wished, options, outside, out);
    });

  decision('correct', 'the picture shows another class')
    .argument('<picture>', itemHelp)
    .argument('<label>', 'what it shows')
    .action(async (wished: string, label: string, options: DecideFlags) => {
      const { decideFeedback } = await import('./commands/feedback/decide');
      await decideFeedback([wished], { action: 'correct', label }, options, outside, out);
    });

  decision('refuse', 'pictures that nothing is to be learnt from')
    .argument('<pictures...>', itemHelp)
    .action(async (wished: string[], options: DecideFlags) => {
      const { decideFeedback } = await import('./commands/feedback/decide');
      await decideFeedback(wished, { action: 'refuse' }, options, outside, out);
    });

  decision('undo', 'take back the last decision; the next apply takes the picture out of the dataset')
    .argument('<pictures...>', itemHelp)
    .action(async (wished: string[], options: DecideFlags) => {
      const { decideFeedback } = await import('./commands/feedback/decide');
      await decideFeedback(wished, { action: 'undo' }, options, outside, out);
    });

  command('apply', 'make a version of the dataset with what was accepted and corrected, to train with alone')
    .option('--dry-run', 'only say what would be done')
    .action(async (options: ApplyFlags) => {
      const { applyReviewed } = await import('./commands/feedback/apply');
      await applyReviewed(options, outside, out);
    });
}
