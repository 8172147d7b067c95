import type { CardContent } from './content';
import { count, counted, percent, ratio } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import { nameMarkup, namesMarkup } from '../../page/names';
import type { ClassSummary, Summary } from './summary';

/** Fewer pictures of a class than these in a split, and its figure there moves with each one of them. */
const fewInSplit = 5;
/** A larger share of the files left out is worth a look at why. */
const muchLeftOut = 0.1;

/** Something that a person should hear of before training, and what to do about it. */
export interface Advice {
  readonly title: string;
  readonly found: Markup;
  readonly todo: Markup;
  /** The section of the page that shows it. */
  readonly section: string;
}

/** The warnings of a dataset version, those that spoil figures first. */
export function adviceOf(content: CardContent, summary: Summary): Advice[] {
  return [
    aboutLeaks(content, summary),
    aboutConflicts(summary),
    aboutNearConflicts(summary),
    aboutSmallClasses(content, summary),
    aboutThinSplits(summary),
    aboutImbalance(content, summary),
    aboutDamaged(summary),
    aboutLeftOut(content, summary),
  ].filter((advice) => advice !== undefined);
}

function findingsOf({ kinds }: Summary, kind: string) {
  return kinds.find((found) => found.kind === kind);
}

function aboutLeaks({ rules }: CardContent, summary: Summary): Advice | undefined {
  const found = findingsOf(summary, 'leak');
  const kept = (found?.findings.length ?? 0) - (found?.dropped ?? 0);
  const groups = summary.nearGroups.filter(({ splits }) => splits.length > 1).length;
  if (kept === 0 && groups === 0) return undefined;
  return {
    title: 'Pictures leak from one split into another',
    found:
      kept > 0
        ? html`${counted(kept, 'picture looks', 'pictures look')} the same as one in another split. A model
          that has seen them in training is asked what it was told, and its test figures flatter it.`
        : html`${counted(groups, 'group')} of pictures that look the same ${groups === 1 ? 'spans' : 'span'}
          two splits or more, so that the test figures flatter.`,
    todo:
      rules.leak === 'keep'
        ? html`Leave them out with <code>validate: {leak: drop}</code>, or take the folders of the splits out
            of the source: Drover then keeps what looks the same in one split.`
        : html`Give pictures of one scene one group in the source, so that they stay together.`,
    section: kept > 0 ? 'pairs' : 'lookalikes',
  };
}

function aboutConflicts(summary: Summary): Advice | undefined {
  const found = findingsOf(summary, 'conflict');
  if (found === undefined) return undefined;
  const kept = found.findings.length - found.dropped;
  return {
    title: 'The same picture lies under two labels',
    found: html`${counted(found.findings.length, 'file')}, byte for byte the same as one of another class: at
    least one of the labels is wrong.
    ${kept > 0 ? `${count(kept)} of them were kept.` : 'They were left out.'}`,
    todo: html`Decide on each pair, delete the wrong file from the source, and ingest again.`,
    section: 'pairs',
  };
}

function aboutNearConflicts(summary: Summary): Advice | undefined {
  const found = findingsOf(summary, 'near_conflict');
  if (found === undefined) return undefined;
  return {
    title: 'Pictures look the same, and are labelled differently',
    found: html`${counted(found.findings.length, 'picture looks', 'pictures look')} the same as one of another
    class. A model can't learn both.`,
    todo: html`Look at the pairs and correct the labels that are wrong; where both are right, the classes
    overlap, and no model will tell them apart.`,
    section: 'pairs',
  };
}

function aboutSmallClasses({ rules }: CardContent, { classes }: Summary): Advice | undefined {
  const small = classes.filter(({ total }) => total < rules.min_per_class).reverse();
  if (small.length === 0) return undefined;
  return {
    title:
      small.length === 1 ? 'A class has few pictures' : `${count(small.length)} classes have few pictures`,
    found: html`Fewer than ${count(rules.min_per_class)}: ${withTotals(small)}.`,
    todo: html`Collect more of them, join them with a class that is like them, or leave them out; until then
    expect little of a model on them.`,
    section: 'classes',
  };
}

function aboutThinSplits({ classes }: Summary): Advice | undefined {
  const thin = classes
    .flatMap(({ label, perSplit }) =>
      (['validation', 'test'] as const).map((split) => ({ label, split, of: perSplit[split] })),
    )
    .filter(({ of }) => of < fewInSplit)
    .sort((a, b) => a.of - b.of);
  if (thin.length === 0) return undefined;
  const shown = thin
    .slice(0, 5)
    .map(
      ({ label, split, of }, index) =>
        html`${index > 0 ? ', ' : ''}${nameMarkup(label, 60)} has ${count(of)} in ${split}`,
    );
  const labels = new Set(thin.map(({ label }) => label)).size;
  return {
    title:
      labels === 1
        ? 'A class has few pictures to be tested on'
        : `${count(labels)} classes have few pictures to be tested on`,
    found: html`${shown}${thin.length > 5 ? ` and ${count(thin.length - 5)} more` : ''}. With fewer than
    ${fewInSplit} pictures, one answer moves the figures of the class by more than 20 points.`,
    todo: html`Add pictures, or raise the shares under <code>split</code>; read the figures of these classes
      with care.`,
    section: 'classes',
  };
}

function aboutImbalance({ rules }: CardContent, { classes, imbalance }: Summary): Advice | undefined {
  const [largest, smallest] = [classes[0], classes.at(-1)];
  if (!largest || !smallest || imbalance <= rules.max_imbalance) return undefined;
  return {
    title: 'The classes differ much in size',
    found: html`${nameMarkup(largest.label, 60)} has ${ratio(imbalance)} times the pictures of
    ${nameMarkup(smallest.label, 60)} (${count(largest.total)} and ${count(smallest.total)}).`,
    todo: html`Judge a model by its recall of each class: always answering ${nameMarkup(largest.label, 60)} is
    already right on
    ${percent(
      largest.total,
      classes.reduce((sum, { total }) => sum + total, 0),
    )}
    of the pictures. Add pictures of the small classes.`,
    section: 'classes',
  };
}

function aboutDamaged(summary: Summary): Advice | undefined {
  const found = findingsOf(summary, 'damaged');
  if (found === undefined) return undefined;
  return {
    title:
      found.findings.length === 1 ? 'A file is damaged' : `${count(found.findings.length)} files are damaged`,
    found: html`They are cut off or cannot be read:
    ${namesMarkup(
      found.findings.map(({ path }) => path),
      3,
    )}.`,
    todo: html`Fetch them again from where they came from; a copy that stopped half way is the usual cause.`,
    section: 'findings',
  };
}

function aboutLeftOut({ pictures }: CardContent, { leftOut }: Summary): Advice | undefined {
  const files = pictures.length + leftOut;
  if (leftOut <= files * muchLeftOut) return undefined;
  return {
    title: 'Much of the source was left out',
    found: html`${counted(leftOut, 'file')} of ${count(files)}, which is ${percent(leftOut, files)}.`,
    todo: html`See below whether the reasons are right; what is done about each kind is set under
      <code>validate</code>.`,
    section: 'findings',
  };
}

function withTotals(classes: readonly ClassSummary[]): Markup {
  const shown = classes
    .slice(0, 5)
    .map(
      ({ label, total }, index) => html`${index > 0 ? ', ' : ''}${nameMarkup(label, 60)} (${count(total)})`,
    );
  return html`${shown}${classes.length > 5 ? ` and ${count(classes.length - 5)} more` : ''}`;
}
