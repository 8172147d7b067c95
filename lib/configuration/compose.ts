import { Failure } from '../../contracts/failures';
import type { Found } from './files';
import { located, merged, without, type Tree } from './tree';

const fileName = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

/**
 * The configuration with those that its `defaults:` list names, as Hydra's users know it: each is another
 * file beside this one, whose content stands under its own base name, and what this file says itself goes
 * over it, key by key.
 *
 * @throws Failure `configuration-invalid` for a list that isn't one, or files that name each other in a
 * circle; `not-found`.
 */
export async function compose(found: Found, way: readonly string[] = []): Promise<Tree> {
  const through = [...way, found.label];
  if (way.includes(found.label)) {
    throw new Failure('configuration-invalid', `defaults go round in a circle: ${through.join(' → ')}`);
  }
  let defaults: Tree = { kind: 'map', origin: found.tree.origin, entries: new Map() };
  for (const name of defaultsOf(found)) {
    const other = await found.beside(name);
    const tree = await compose(other, through);
    const entry = { origin: tree.origin, tree };
    defaults = merged(defaults, { kind: 'map', origin: tree.origin, entries: new Map([[name, entry]]) });
  }
  return merged(defaults, without(found.tree, ['defaults']));
}

function defaultsOf({ tree }: Found): string[] {
  const listed = tree.kind === 'map' ? tree.entries.get('defaults')?.tree : undefined;
  if (listed === undefined) return [];
  const wrong = (at: Tree, message: string) =>
    new Failure('configuration-invalid', `${located(at.origin, ['defaults'])}: ${message}`);
  if (listed.kind !== 'list') throw wrong(listed, 'expected a list of names, such as [sweep]');
  return listed.items.map((item) => {
    const name = item.kind === 'scalar' ? item.value : undefined;
    if (typeof name === 'string' && fileName.test(name)) return name;
    throw wrong(item, 'expected the name of a YAML file beside this one, without .yaml');
  });
}
