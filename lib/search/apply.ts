import { Failure } from '../../contracts/failures';
import { settingNames } from '../../contracts/schemas/keys';
import { didYouMean } from '../../contracts/schemas/nearest';
import { check, type Checked, type Problem } from '../../contracts/schemas/problems';
import { runConfigSchema, type RunConfig } from '../../contracts/schemas/run';
import { listOf } from './conditions';
import { quantile, type Distribution } from './distributions';
import type { Parameter, Space } from './space';

/** Names that W&B's users and the original project give to settings of a run. */
const otherNames: Readonly<Record<string, string>> = {
  learning_rate: 'lr',
  batchsize: 'batch_size',
  dropout: 'network.dropout',
  filters: 'network.filters',
  kernel: 'network.kernel',
  kernel_size: 'network.kernel',
  dense: 'network.dense',
};

const settings = settingNames(runConfigSchema);

/** The run's setting that a parameter's name means. */
export function settingOf(name: string): string | undefined {
  if (settings.includes(name)) return name;
  return Object.hasOwn(otherNames, name) ? otherNames[name] : undefined;
}

/**
 * A run's configuration with a trial's parameters in it, given by dotted names (`network.dense`) or by
 * the names that W&B's users know (`learning_rate`).
 *
 * @throws Failure `configuration-invalid`, naming each `parameters.<name>` that a run refuses.
 */
export function applyParameters(base: RunConfig, parameters: Readonly<Record<string, unknown>>): RunConfig {
  const twice = namedTwice(Object.keys(parameters));
  if (twice.length > 0) throw new Failure('configuration-invalid', refusal(twice));
  const applied = tryParameters(base, parameters);
  if (applied.ok) return applied.value;
  throw new Failure('configuration-invalid', refusal(applied.problems));
}

/** Names of settings that one before them is another name of. */
function namedTwice(names: readonly string[]): Problem[] {
  return names.flatMap((name, at): Problem[] => {
    const rival = names.slice(0, at).find((other) => settingOf(other) === settingOf(name));
    if (rival === undefined || settingOf(name) === undefined) return [];
    return [{ path: [name], message: `sets the same as ${rival}`, wrong: 'key' }];
  });
}

/** A trial's parameters by the names that the space has for them, so that one given by another name is no other parameter. */
export function namedAsIn(
  { parameters: own }: Space,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const names = new Map(own.map(({ name }) => [settingOf(name), name]));
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [names.get(settingOf(name)) ?? name, value]),
  );
}

/** A line for each `parameters.<name>` that a run refuses. */
export function refusal(problems: readonly Problem[]): string {
  return problems.map(({ path, message }) => `parameters.${path.join('.')}: ${message}`).join('\n');
}

/**
 * What a run would refuse of a space: names it has no setting for, listed values, the ends of a range and
 * draws from its middle, each where its conditions hold. Asked before any trial, so that a wrong parameter is refused before any work.
 */
export function checkSpace(base: RunConfig, space: Space): Problem[] {
  const taken = new Map<string, string>();
  const networks = space.parameters.find(({ name }) => settingOf(name) === 'network.name');
  return space.parameters.flatMap((parameter): Problem[] => {
    const setting = settingOf(parameter.name);
    const rival = setting === undefined ? undefined : taken.get(setting);
    if (rival !== undefined) {
      return [{ path: parameter.path, message: `sets the same as ${rival}`, wrong: 'key' }];
    }
    if (setting !== undefined) taken.set(setting, parameter.name);
    for (const others of circumstances(parameter, networks)) {
      const problem = checkParameter(base, parameter, others);
      if (problem !== undefined) return [problem];
    }
    return [];
  });
}

/** What else a trial may have where a parameter is asked for: every combination that its conditions allow, and every network that is tried. */
function circumstances(
  { name, when = [] }: Parameter,
  networks: Parameter | undefined,
): readonly Readonly<Record<string, unknown>>[] {
  const isOfNetwork = settingOf(name)?.startsWith('network.') === true && name !== networks?.name;
  const isNamed = when.some((condition) => condition.name === networks?.name);
  const tried = networks && isOfNetwork && !isNamed ? listOf(networks.distribution) : undefined;
  const conditions = networks && tried ? [...when, { name: networks.name, values: tried }] : when;
  return conditions.reduce<readonly Readonly<Record<string, unknown>>[]>(
    (found, condition) =>
      found.flatMap((one) => condition.values.map((value) => ({ ...one, [condition.name]: value }))),
    [{}],
  );
}

function checkParameter(
  base: RunConfig,
  { name, distribution, path }: Parameter,
  others: Readonly<Record<string, unknown>>,
): Problem | undefined {
  for (const { field, value } of examples(distribution)) {
    const applied = tryParameters(base, { ...others, [name]: value });
    // What is wrong with the others is told of them.
    const problem = applied.ok ? undefined : applied.problems.find((one) => one.path[0] === name);
    if (problem === undefined) continue;
    if (problem.wrong === 'key') return { ...problem, path, message: problem.message + whereOthers(others) };
    const listed = distribution.distribution === 'constant' || field.length > 1;
    const cure =
      Number.isInteger(value) || !problem.message.startsWith('expected a whole number')
        ? ''
        : '; use int_uniform';
    const message = listed ? problem.message : `draws what a run refuses: ${problem.message}${cure}`;
    return { path: [...path, ...field], message, wrong: 'value' };
  }
  return undefined;
}

function whereOthers(others: Readonly<Record<string, unknown>>): string {
  const said = Object.entries(others).map(([name, value]) => `${name} is ${JSON.stringify(value)}`);
  return said.length === 0 ? '' : ` (where ${said.join(' and ')})`;
}

/** Values that stand for all that a distribution gives, with the field that each comes from. */
function examples(distribution: Distribution): { field: (string | number)[]; value: unknown }[] {
  if (distribution.distribution === 'constant') return [{ field: ['value'], value: distribution.value }];
  if ('values' in distribution) {
    return distribution.values.map((value, index) => ({ field: ['values', index], value }));
  }
  // Of unbounded distributions the far tails are left to the trial that meets them.
  const bounded = 'min' in distribution;
  const low = { field: bounded ? ['min'] : [], value: quantile(distribution, bounded ? 1e-9 : 0.05) };
  const high = { field: bounded ? ['max'] : [], value: quantile(distribution, bounded ? 1 - 1e-9 : 0.95) };
  const middle = [0.3141, 0.5, 0.7183].map((u) => ({ field: [], value: quantile(distribution, u) }));
  return [low, high, ...middle];
}

/** The same as {@link applyParameters}, with the problems in place of a failure. */
export function tryParameters(
  base: RunConfig,
  parameters: Readonly<Record<string, unknown>>,
): Checked<RunConfig> {
  const unknown: Problem[] = [];
  const named: { name: string; path: string[]; value: unknown }[] = [];
  for (const [name, value] of Object.entries(parameters)) {
    const setting = settingOf(name);
    if (setting !== undefined) named.push({ name, path: setting.split('.'), value });
    else {
      const message = `no such setting of a run${didYouMean(name, [...settings, ...Object.keys(otherNames)])}`;
      unknown.push({ path: [name], message, wrong: 'key' });
    }
  }
  if (unknown.length > 0) return { ok: false, problems: unknown };
  // Whole maps first, so that `network` doesn't undo `network.dense`.
  named.sort((one, other) => one.path.length - other.path.length);
  const changed = named.reduce<unknown>(
    (config, { path, value }) => withValue(config, path, value),
    withoutOther(base, named),
  );
  const checked = check(runConfigSchema, changed);
  if (checked.ok) return checked;
  return {
    ok: false,
    problems: checked.problems.map((problem) => {
      const cause = named.findLast(({ path }) => path.every((key, at) => (problem.path[at] ?? key) === key));
      return {
        ...problem,
        path: cause ? [cause.name, ...problem.path.slice(cause.path.length)] : problem.path,
      };
    }),
  };
}

/** Another network, or schedule, has other settings: it begins from its own defaults. */
function withoutOther(
  base: RunConfig,
  named: readonly { readonly path: readonly string[]; readonly value: unknown }[],
): unknown {
  const isOther = (part: 'network' | 'schedule'): boolean =>
    named.some(({ path, value }) => path.join('.') === `${part}.name` && value !== base[part].name);
  return {
    ...base,
    ...(isOther('network') && { network: {} }),
    ...(isOther('schedule') && { schedule: {} }),
  };
}

function withValue(config: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const map: Readonly<Record<string, unknown>> =
    typeof config === 'object' && config !== null ? { ...config } : {};
  return { ...map, [key]: withValue(map[key], rest, value) };
}
