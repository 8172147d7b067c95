import { Failure } from '../contracts/failures';
import type { StartRequest } from '../contracts/inputs';
import type { WorkflowType } from '../contracts/names';
import { yamlValue } from './yaml-value';

/** What is typed after `drover run <type>`: one configuration at most, and `key=value` changes. */
export interface TypedInput {
  readonly config?: string;
  readonly overrides: readonly string[];
}

/** Types whose input is a configuration with overrides; the others' is made of the pairs themselves. */
const configured: ReadonlySet<WorkflowType> = new Set<WorkflowType>([
  'pipeline',
  'sweep',
  'train',
  'monitor',
]);

export function readTyped(words: readonly string[]): TypedInput {
  const overrides = words.filter((word) => isOverride(word));
  const [config, second] = words.filter((word) => !isOverride(word));
  if (second !== undefined) {
    throw new Failure(
      'start-refused',
      'More than one configuration was given. Expected one at most, and changes as key=value.',
    );
  }
  return { ...(config === undefined ? {} : { config }), overrides };
}

/** A dotted key before the first `=`; a path or URI holding a later `=` is not one. */
function isOverride(word: string): boolean {
  return /^[A-Za-z_][\w-]*(\.[\w-]+)*=/.test(word);
}

/** The one argument that the workflow is started with; undefined where there is none. */
export function startInput(type: WorkflowType, typed: TypedInput, model: string): unknown {
  if (configured.has(type)) {
    if (typed.config === undefined && typed.overrides.length === 0) return undefined;
    const request: StartRequest = {
      ...(typed.config === undefined ? {} : { config: typed.config }),
      ...(typed.overrides.length > 0 ? { overrides: typed.overrides } : {}),
    };
    return request;
  }
  if (typed.config !== undefined) {
    throw new Failure(
      'start-refused',
      `${type} takes no configuration file, but what it needs as key=value, such as ${examples[type] ?? ''}.`,
    );
  }
  const pairs = pairsOf(typed.overrides);
  const missing = (required[type] ?? []).filter((key) => at(pairs, key) === undefined);
  const input = { ...defaults(type, model), ...pairs };
  const still = missing.filter((key) => at(input, key) === undefined);
  if (still.length > 0) {
    throw new Failure(
      'start-refused',
      `${type} needs ${still.join(' and ')}, such as ${examples[type] ?? ''}.`,
    );
  }
  return input;
}

const required: Partial<Record<WorkflowType, readonly string[]>> = {
  ingest: ['name', 'source.uri'],
  preprocess: ['name', 'manifest.uri', 'manifest.sha256'],
  promote: ['model', 'version'],
};

const examples: Partial<Record<WorkflowType, string>> = {
  ingest: 'name=pets source.uri=./photos',
  preprocess: 'name=pets manifest.uri=store://datasets/… manifest.sha256=…',
  evaluate: 'model=pets version=2',
  forms: 'model=pets version=2 export.forms=[int8]',
  promote: 'model=pets version=2',
  rollback: 'model=pets',
  deploy: 'model=pets target=local',
  watchData: 'settle=60',
  gpuWorkers: 'mode=plan',
};

function defaults(type: WorkflowType, model: string): Readonly<Record<string, unknown>> {
  if (type === 'ingest' || type === 'preprocess') return { name: model };
  if (type === 'promote' || type === 'rollback' || type === 'deploy') return { model, by: 'drover run' };
  return type === 'evaluate' || type === 'forms' ? { model } : {};
}

/** `a.b=1` becomes `{a: {b: 1}}`; values are YAML, as in configurations. */
function pairsOf(overrides: readonly string[]): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const override of overrides) {
    const equals = override.indexOf('=');
    const keys = override.slice(0, equals).split('.');
    const last = keys.pop() ?? '';
    let into = root;
    for (const key of keys) {
      const inner = isRecord(into[key]) ? into[key] : {};
      into[key] = inner;
      into = inner;
    }
    into[last] = yamlValue(override.slice(0, equals), override.slice(equals + 1));
  }
  return root;
}

function at(record: Readonly<Record<string, unknown>>, dotted: string): unknown {
  return dotted
    .split('.')
    .reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), record);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
