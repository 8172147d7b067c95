import { Failure } from '../../contracts/failures';
import { deployConfigSchema, type DeployConfig } from '../../contracts/schemas/deployment';
import { gpuWorkersConfigSchema, type GpuWorkersConfig } from '../../contracts/schemas/gpu-workers';
import { monitorConfigSchema, type MonitorConfig } from '../../contracts/schemas/monitor';
import {
  datasetConfigSchema,
  pipelineConfigSchema,
  type DatasetConfig,
  type PipelineConfig,
} from '../../contracts/schemas/pipeline';
import { choicesOnce } from '../../contracts/schemas/choices-once';
import { check, kindOf, type Checked, type Problem } from '../../contracts/schemas/problems';
import { runConfigSchema, type RunConfig } from '../../contracts/schemas/run';
import { sweepConfigSchema, type SweepConfig } from '../../contracts/schemas/sweep';
import { webhooksConfigSchema, type WebhooksConfig } from '../../contracts/schemas/webhooks';
import { compose } from './compose';
import {
  findConfiguration,
  findDefault,
  givenConfiguration,
  type ConfigurationPlaces,
  type Found,
} from './files';
import { withOverrides } from './overrides';
import { withOwnNames } from './early-terminate';
import { checkSweep, withoutUnused } from './sweep';
import { at, located, originOf, plain, type Tree } from './tree';

export type ConfigurationKind =
  'pipeline' | 'sweep' | 'train' | 'dataset' | 'webhooks' | 'deploy' | 'gpu-workers' | 'monitor';

type AnyConfig =
  | PipelineConfig
  | SweepConfig
  | RunConfig
  | DatasetConfig
  | WebhooksConfig
  | DeployConfig
  | GpuWorkersConfig
  | MonitorConfig;

export interface Resolved<Config> {
  readonly config: Config;
  /** What is allowed, but probably not meant, each with its place. */
  readonly warnings: string[];
  /** Where it came from, for people: a path in the project, a `store://` URI, or `input`. */
  readonly source: string;
}

/** How many problems one message lists. */
const mostListed = 20;

/**
 * The one way to a configuration: found, composed, overridden, checked, with all its defaults filled in.
 *
 * @param input - What a workflow was started with: nothing (the project's `configs/<kind>.yaml`, else
 * Drover's own), a path or URI, `{config?, overrides?}` of one of these and `key.path=value` strings, or
 * the configuration itself.
 * @throws Failure `configuration-invalid` with every problem on a line of its own:
 * `configs/sweep.yaml:7:12 parameters.lr.mx: unknown key; did you mean "max"?`; `path-refused`; `not-found`.
 */
export function resolveConfiguration(
  kind: 'pipeline',
  input: unknown,
  places: ConfigurationPlaces,
): Promise<Resolved<PipelineConfig>>;
export function resolveConfiguration(
  kind: 'sweep',
  input: unknown,
  places: ConfigurationPlaces,
): Promise<Resolved<SweepConfig>>;
export function resolveConfiguration(
  kind: 'train',
  input: unknown,
  places: ConfigurationPlaces,
): Promise<Resolved<RunConfig>>;
export function resolveConfiguration(
  kind: 'dataset',
  input: unknown,
  places: ConfigurationPlaces,
): Promise<Resolved<DatasetConfig>>;
export function resolveConfiguration(
  kind: 'webhooks',
  input: unknown,
  places: ConfigurationPlaces,
): Promise<Resolved<WebhooksConfig>>;
export function resolveConfiguration(
  kind: 'deploy',
  input: unknown,
  places: ConfigurationPlaces,
): Promise<Resolved<DeployConfig>>;
export function resolveConfiguration(
  kind: 'gpu-workers',
  input: unknown,
  places: ConfigurationPlaces,
): Promise<Resolved<GpuWorkersConfig>>;
export function resolveConfiguration(
  kind: 'monitor',
  input: unknown,
  places: ConfigurationPlaces,
): Promise<Resolved<MonitorConfig>>;
export async function resolveConfiguration(
  kind: ConfigurationKind,
  input: unknown,
  places: ConfigurationPlaces,
): Promise<Resolved<AnyConfig>> {
  const { config, overrides } = readInput(input);
  const found = await find(kind, config, places);
  const tree = withOverrides(await compose(found), overrides);
  const { value, warnings } = checkTree(kind, tree);
  return { config: value, warnings, source: found.label };
}

/** What a workflow was started with, told apart. */
function readInput(input: unknown): { config: unknown; overrides: readonly string[] } {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return { config: input, overrides: [] };
  const keys = Object.keys(input);
  if (keys.length === 0 || keys.some((key) => key !== 'config' && key !== 'overrides')) {
    return { config: input, overrides: [] };
  }
  const config: unknown = 'config' in input ? input.config : undefined;
  const overrides: unknown = 'overrides' in input ? (input.overrides ?? []) : [];
  if (!Array.isArray(overrides) || !overrides.every((one) => typeof one === 'string')) {
    throw new Failure('configuration-invalid', 'input overrides: expected a list of key.path=value texts');
  }
  return { config, overrides };
}

async function find(kind: ConfigurationKind, config: unknown, places: ConfigurationPlaces): Promise<Found> {
  if (config === undefined || config === null) return findDefault(kind, places);
  if (typeof config === 'string') return findConfiguration(config, places);
  if (typeof config === 'object' && !Array.isArray(config)) return givenConfiguration(config, places);
  const message = `input: expected a path, a URI or a configuration, found ${kindOf(config)}`;
  throw new Failure('configuration-invalid', message);
}

type Say = (problem: Problem) => string;

/** Says where in the tree a problem is, and what it is. */
function sayOf(tree: Tree): Say {
  return ({ path, message, wrong }) => `${located(originOf(tree, path, wrong), path)}: ${message}`;
}

function checkTree(kind: ConfigurationKind, tree: Tree): { value: AnyConfig; warnings: string[] } {
  const say = sayOf(tree);
  if (kind === 'train') {
    const checked = check(runConfigSchema, settings(tree));
    return { value: accepted(checked, [], say, looksLikeSweep(tree)), warnings: [] };
  }
  if (kind === 'dataset')
    return { value: accepted(check(datasetConfigSchema, settings(tree)), [], say), warnings: [] };
  if (kind === 'webhooks')
    return { value: accepted(check(webhooksConfigSchema, settings(tree)), [], say), warnings: [] };
  if (kind === 'deploy')
    return { value: accepted(check(deployConfigSchema, settings(tree)), [], say), warnings: [] };
  if (kind === 'gpu-workers')
    return { value: accepted(check(gpuWorkersConfigSchema, settings(tree)), [], say), warnings: [] };
  if (kind === 'monitor')
    return { value: accepted(check(monitorConfigSchema, settings(tree)), [], say), warnings: [] };
  const sweepPath = kind === 'pipeline' ? ['sweep'] : [];
  const kept = withoutUnused(tree, sweepPath);
  const named = withOwnNames(kept.tree, sweepPath);
  const { parameters, ...sweep } = checkSweep(named.tree, sweepPath);
  const problems = [...named.problems, ...sweep.problems];
  // Some keys go by another name in the one, and some are only in the other.
  const sayInBoth: Say = (problem) =>
    (at(named.tree, problem.path) === undefined ? say : sayOf(named.tree))(problem);
  const warnings = [...kept.warnings, ...sweep.warnings].map(sayInBoth);
  const written = settings(named.tree);
  if (kind === 'sweep') {
    const value = accepted(check(sweepConfigSchema, written), problems, sayInBoth);
    return { value: { ...value, parameters }, warnings };
  }
  const value = accepted(check(pipelineConfigSchema, written), problems, sayInBoth);
  return { value: { ...value, sweep: { ...value.sweep, parameters } }, warnings };
}

/** An empty file leaves everything at its default. */
function settings(tree: Tree): unknown {
  return tree.kind === 'scalar' && tree.value === null ? {} : plain(tree);
}

/** What to do with a file that has what only sweeps have. */
function looksLikeSweep(tree: Tree): string[] {
  const isSweep = ['parameters', 'method'].some((key) => at(tree, [key]) !== undefined);
  return isSweep ? ['This looks like a sweep, not one training: npx drover run sweep starts one.'] : [];
}

function accepted<T>(
  checked: Checked<T>,
  more: readonly Problem[],
  say: Say,
  hints: readonly string[] = [],
): T {
  const problems = [...(checked.ok ? [] : checked.problems), ...more];
  if (checked.ok && problems.length === 0) return checked.value;
  const lines = choicesOnce(problems.slice(0, mostListed)).map(say);
  if (problems.length > mostListed) lines.push(`… and ${problems.length - mostListed} more`);
  lines.push(...hints);
  throw new Failure('configuration-invalid', lines.join('\n'));
}
