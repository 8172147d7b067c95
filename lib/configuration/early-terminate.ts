import { earlyTerminateSchema } from '../../contracts/schemas/early-terminate';
import { check, type Problem } from '../../contracts/schemas/problems';
import type { RunConfig } from '../../contracts/schemas/run';
import { hyperbandBands } from '../search/stopping/hyperband';
import { at, plain, renamed, without, type Path, type Tree } from './tree';

/** Names that Ray, Syne Tune and Optuna give to ASHA's settings. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  min_epochs: ['grace_period', 'grace', 'min_resource', 'min_iter'],
  max_epochs: ['max_t', 'max_resource', 'max_iter'],
  eta: ['reduction_factor'],
};

/** The tree with Drover's names for ASHA's settings; a setting that is given by two names is a problem. */
export function withOwnNames(
  tree: Tree,
  sweepPath: Path,
): { readonly tree: Tree; readonly problems: readonly Problem[] } {
  const path = [...sweepPath, 'early_terminate'];
  const type = at(tree, [...path, 'type']);
  if (type?.kind !== 'scalar' || type.value !== 'asha') return { tree, problems: [] };
  const problems: Problem[] = [];
  let named = tree;
  for (const [own, others] of Object.entries(otherNames)) {
    let taken = at(tree, [...path, own]) === undefined ? undefined : own;
    for (const other of others) {
      if (at(tree, [...path, other]) === undefined) continue;
      if (taken === undefined) named = renamed(named, [...path, other], own);
      else {
        problems.push({ path: [...path, other], message: `sets the same as ${taken}`, wrong: 'key' });
        named = without(named, [...path, other]);
      }
      taken ??= other;
    }
  }
  return { tree: named, problems };
}

/** What a rule is laid on. */
interface Sweep {
  readonly run: RunConfig;
  /** Names of the parameters that vary, or that a trial in `enqueue` has, with their paths from the sweep. */
  readonly named: readonly { readonly name: string; readonly path: Path }[];
}

/** What a schema can't say of `early_terminate`: whether it fits the epochs. Paths are from the sweep. */
export function checkEarlyTerminate(
  written: Tree | undefined,
  { run, named }: Sweep,
): { readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] } {
  const rule = check(earlyTerminateSchema, written && plain(written));
  // The schema says what is wrong with it.
  if (!rule.ok) return { problems: [], warnings: [] };
  const path = ['early_terminate'];
  const epochs = named.filter(({ name }) => name === 'epochs');
  if (rule.value.type === 'asha') {
    const { min_epochs, max_epochs } = rule.value;
    const message =
      'asha gives out the epochs; take it out, and set early_terminate.max_epochs or train.epochs';
    const problems = epochs.map((one): Problem => ({ path: one.path, message, wrong: 'key' }));
    if (max_epochs === undefined && run.epochs <= min_epochs) {
      const few = `expected less than max_epochs, which is train.epochs where it is left out: ${run.epochs}`;
      problems.push({ path: [...path, 'min_epochs'], message: few, wrong: 'value' });
    }
    return { problems, warnings: [] };
  }
  const warnings: Problem[] = [];
  if (rule.value.type === 'hyperband' && rule.value.max_iter === undefined && rule.value.s !== undefined) {
    const message = 'goes with max_iter, and does nothing beside min_iter, whose bands have no end';
    warnings.push({ path: [...path, 's'], message, wrong: 'key' });
  }
  const first =
    rule.value.type === 'hyperband' ? (hyperbandBands(rule.value)[0] ?? 0) : rule.value.n_warmup_steps + 1;
  // Where epochs vary, how many a trial has is for the search to say.
  if (epochs.length === 0 && first >= run.epochs) {
    const message = `stops no trial: it begins after epoch ${first}, and a trial has ${run.epochs}`;
    warnings.push({ path, message, wrong: 'value' });
  }
  return { problems: [], warnings };
}
