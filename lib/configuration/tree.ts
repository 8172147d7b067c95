/** Where something was written. */
export interface Origin {
  /** `configs/sweep.yaml`, `override`, or `input`. */
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * A configuration that still knows where each part of it was written, and which whole numbers were written
 * with decimals (`1.0`), through composition and overrides.
 */
export type Tree = Scalar | List | Branch;

export interface Scalar {
  readonly kind: 'scalar';
  readonly origin: Origin;
  readonly value: string | number | boolean | null;
  readonly float: boolean;
}
export interface List {
  readonly kind: 'list';
  readonly origin: Origin;
  readonly items: readonly Tree[];
}
export interface Branch {
  readonly kind: 'map';
  readonly origin: Origin;
  readonly entries: ReadonlyMap<string, Entry>;
}
export interface Entry {
  /** Of the key; the value has its own. */
  readonly origin: Origin;
  readonly tree: Tree;
}

export type Path = readonly (string | number)[];

/** The plain value, as schemas read it. */
export function plain(tree: Tree): unknown {
  switch (tree.kind) {
    case 'scalar':
      return tree.value;
    case 'list':
      return tree.items.map(plain);
    case 'map':
      // fromEntries defines properties, so that a key `__proto__` is only a key.
      return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, plain(entry.tree)]));
  }
}

/** A tree of a value that came without a file: its whole numbers count as integers. */
export function grown(value: unknown, origin: Origin): Tree {
  if (Array.isArray(value)) {
    return { kind: 'list', origin, items: value.map((item) => grown(item, origin)) };
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, child]) => child !== undefined);
    return {
      kind: 'map',
      origin,
      entries: new Map(entries.map(([key, child]) => [key, { origin, tree: grown(child, origin) }])),
    };
  }
  const scalar =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  return { kind: 'scalar', origin, value: scalar, float: false };
}

/** `over` laid on `base`: maps are joined, key by key; anything else replaces. */
export function merged(base: Tree, over: Tree): Tree {
  if (base.kind !== 'map' || over.kind !== 'map') return over;
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const under = entries.get(key);
    entries.set(key, under ? { ...entry, tree: merged(under.tree, entry.tree) } : entry);
  }
  return { ...over, entries };
}

export function child(tree: Tree | undefined, key: string | number): Tree | undefined {
  if (tree?.kind === 'map') return tree.entries.get(String(key))?.tree;
  if (tree?.kind === 'list') return tree.items[Number(key)];
  return undefined;
}

export function at(tree: Tree, path: Path): Tree | undefined {
  return path.reduce<Tree | undefined>(child, tree);
}

/** Where the key or the value at `path` was written; for what is missing, where its parent was. */
export function originOf(tree: Tree, path: Path, of: 'key' | 'value'): Origin {
  let here: Tree = tree;
  for (const [depth, key] of path.entries()) {
    const next = child(here, key);
    if (next === undefined) return here.origin;
    if (of === 'key' && depth === path.length - 1 && here.kind === 'map') {
      return here.entries.get(String(key))?.origin ?? next.origin;
    }
    here = next;
  }
  return here.origin;
}

/** The tree without one key. */
export function without(tree: Tree, path: Path): Tree {
  const [key, ...rest] = path;
  if (tree.kind !== 'map' || key === undefined) return tree;
  const entries = new Map(tree.entries);
  const entry = entries.get(String(key));
  if (entry === undefined) return tree;
  if (rest.length === 0) entries.delete(String(key));
  else entries.set(String(key), { ...entry, tree: without(entry.tree, rest) });
  return { ...tree, entries };
}

/** The tree with another name for the key at `path`, in the same place. */
export function renamed(tree: Tree, path: Path, name: string): Tree {
  const [key, ...rest] = path;
  if (tree.kind !== 'map' || key === undefined) return tree;
  const entries = [...tree.entries].map(([each, entry]): [string, Entry] => {
    if (each !== String(key)) return [each, entry];
    return rest.length === 0 ? [name, entry] : [each, { ...entry, tree: renamed(entry.tree, rest, name) }];
  });
  return { ...tree, entries: new Map(entries) };
}

/** The tree with `value` at `path` in place of what was there; maps are made on the way. */
export function placed(tree: Tree | undefined, path: readonly string[], value: Tree): Tree {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const { origin } = value;
  const branch: Branch = tree?.kind === 'map' ? tree : { kind: 'map', origin, entries: new Map() };
  const entry = { origin, tree: placed(branch.entries.get(key)?.tree, rest, value) };
  return { ...branch, entries: new Map([...branch.entries, [key, entry]]) };
}

/** `configs/sweep.yaml:7:12 parameters.lr.mx`: what a message begins with. */
export function located(origin: Origin, path: Path): string {
  const place = [origin.file, origin.line, origin.column].filter((part) => part !== undefined).join(':');
  return path.length === 0 ? place : `${place} ${path.join('.')}`;
}
