import { Failure } from '../../contracts/failures';
import { parameterKeys } from '../search/read-distribution';
import { readYaml } from './read-yaml';
import { placed, type Origin, type Tree } from './tree';

const origin: Origin = { file: 'override' };

/**
 * Lays `key.path=value` strings on a configuration; values are YAML (`run_cap=4`,
 * `parameters.lr.max=0.01`, `parameters.batch_size.values=[16, 32]`). A value replaces all that was there.
 *
 * @throws Failure `configuration-invalid` where one has no `=`, an empty key or a value that isn't YAML. That
 * a key is unknown shows when the whole is checked.
 */
export function withOverrides(tree: Tree, overrides: readonly string[]): Tree {
  return overrides.reduce((changed, override, index) => {
    const equals = override.indexOf('=');
    const key = override.slice(0, Math.max(0, equals)).trim();
    const parts = key.split('.');
    if (parts.some((part) => part === '')) {
      const message = `override ${index + 1}: expected key.path=value, such as run_cap=4`;
      throw new Failure('configuration-invalid', message);
    }
    const value = withOrigin(readYaml(override.slice(equals + 1), `override ${key}`));
    return placed(changed, keysOf(changed, parts, false), value);
  }, tree);
}

/**
 * The keys that a dotted path means. A key may itself have dots, as a sweep's parameters do: the longest
 * key that is there already goes first, and a new parameter's name reaches to the field at the end.
 */
function keysOf(tree: Tree | undefined, parts: readonly string[], inParameters: boolean): string[] {
  const [first, ...rest] = parts;
  if (first === undefined) return [];
  if (tree?.kind === 'map') {
    for (let length = parts.length; length > 0; length -= 1) {
      const key = parts.slice(0, length).join('.');
      const entry = tree.entries.get(key);
      if (entry) return [key, ...keysOf(entry.tree, parts.slice(length), key === 'parameters')];
    }
  }
  if (inParameters) {
    const last = parts.at(-1);
    const field = parts.length > 1 && last !== undefined && parameterKeys.includes(last);
    return field ? [parts.slice(0, -1).join('.'), last] : [parts.join('.')];
  }
  return [first, ...keysOf(undefined, rest, first === 'parameters')];
}

function withOrigin(tree: Tree): Tree {
  switch (tree.kind) {
    case 'scalar':
      return { ...tree, origin };
    case 'list':
      return { ...tree, origin, items: tree.items.map(withOrigin) };
    case 'map':
      return {
        ...tree,
        origin,
        entries: new Map(
          [...tree.entries].map(([key, entry]) => [key, { origin, tree: withOrigin(entry.tree) }]),
        ),
      };
  }
}
