import { Failure } from '../../contracts/failures';
import { settingNames } from '../../contracts/schemas/keys';
import { didYouMean } from '../../contracts/schemas/nearest';
import { check, type Checked, type Problem } from '../../contracts/schemas/problems';
import { runConfigSchema, type RunConfig } from '../../contracts/schemas/run';
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
  const applied = tryParameters(base, parameters);
  if (applied.ok) return applied.value;
  const lines = applied.problems.map(({ path, message }) => `parameters.${path.join('.')}: ${message}`);
  throw new Failure('configuration-invalid', lines.join('\n'));
}

/**
 * What a run would refuse of a space: names it has no setting for, listed values, the ends of a range and
 * draws from its middle. Asked before any trial, so that a wrong parameter is refused before any work.
 */
export function checkSpace(base: RunConfig, space: Space): Problem[] {
  const taken = new Map<string, string>();
  return space.parameters.flatMap((parameter): Problem[] => {
    const setting = settingOf(parameter.name);
    const rival = setting === undefined ? undefined : taken.get(setting);
    if (rival !== undefined) {
      return [{ path: parameter.path, message: `sets the same as ${rival}`, wrong: 'key' }];
    }
    if (setting !== undefined) taken.set(setting, parameter.name);
    return checkParameter(base, parameter);
  });
}

function checkParameter(base: RunConfig, { name, distribution, path }: Parameter): Problem[] {
  for (const { field, value } of examples(distribution)) {
    const applied = tryParameters(base, { [name]: value });
    const problem = applied.ok ? undefined : applied.problems[0];
    if (problem === undefined) continue;
    if (problem.wrong === 'key') return [{ ...problem, path }];
    const listed = distribution.distribution === 'constant' || field.length > 1;
    const cure =
      Number.isInteger(value) || !problem.message.startsWith('expected a whole number')
        ? ''
        : '; use int_uniform';
    const message = listed ? problem.message : `draws what a run refuses: ${problem.message}${cure}`;
    return [{ path: [...path, ...field], message, wrong: 'value' }];
  }
  return [];
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

function tryParameters(base: RunConfig, parameters: Readonly<Record<string, unknown>>): Checked<RunConfig> {
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
  const changed = named.reduce<unknown>((config, { path, value }) => withValue(config, path, value), base);
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

function withValue(config: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const map: Readonly<Record<string, unknown>> =
    typeof config === 'object' && config !== null ? { ...config } : {};
  return { ...map, [key]: withValue(map[key], rest, value) };
}
