import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, posix, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../contracts/failures';
import { storeKey, storeUri } from '../../contracts/refs';
import type { Store } from '../storage/store';
import { largestFile, readYaml } from './read-yaml';
import { grown, type Tree } from './tree';

/** Where configurations are looked for. */
export interface ConfigurationPlaces {
  /** The folder that paths are relative to, and that none may leave. */
  readonly project: string;
  readonly store: Store;
  /** Drover's own `configs/`, for what the project has none of. */
  readonly defaultConfigs?: string | undefined;
}

/** A configuration that was found, before composition. */
export interface Found {
  /** For people, and for telling one from another: `configs/sweep.yaml`. */
  readonly label: string;
  readonly tree: Tree;
  /** The configuration `<name>.yaml` beside this one. @throws Failure `not-found` */
  beside(name: string): Promise<Found>;
}

/**
 * The configuration at a URI: a path below the project, `file://` to one, or `store://<key>`.
 *
 * @throws Failure `path-refused` outside of the project, also by a link; `not-found`;
 * `configuration-invalid` where it isn't YAML.
 */
export async function findConfiguration(uri: string, places: ConfigurationPlaces): Promise<Found> {
  const key = storeKey(uri);
  if (key !== undefined) return fromStore(key, places);
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(uri)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'file') {
    throw new Failure(
      'path-refused',
      `A configuration at ${scheme}: is not read; expected a path in the project or store://`,
    );
  }
  const path = scheme === 'file' ? pathOf(uri) : resolve(places.project, uri);
  return fromFile(path, places.project, places);
}

/** The project's `configs/<name>.yaml`, else Drover's own. @throws Failure `not-found` */
export async function findDefault(name: string, places: ConfigurationPlaces): Promise<Found> {
  try {
    return await fromFile(join(places.project, 'configs', `${name}.yaml`), places.project, places);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return ownOf(name, places, error);
  }
}

/** A configuration that was given itself; others are beside it as beside the project's. */
export function givenConfiguration(value: unknown, places: ConfigurationPlaces): Found {
  return {
    label: 'input',
    tree: grown(value, { file: 'input' }),
    beside: (name) => findDefault(name, places),
  };
}

function pathOf(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch (cause) {
    throw new Failure('path-refused', 'A file: URI of a configuration is not valid; expected file:///path', {
      cause,
    });
  }
}

async function fromFile(path: string, root: string, places: ConfigurationPlaces): Promise<Found> {
  const asked = labelOf(path, root);
  // Before anything is touched: whether a file outside exists is nobody's to learn.
  const realRoot = await realpath(root);
  if (!isBelow(path, root) && !isBelow(path, realRoot)) throw outside();
  if (!['.yaml', '.yml', '.json'].includes(extname(path).toLowerCase())) {
    throw new Failure('path-refused', `${asked} is not a configuration; expected .yaml, .yml or .json`);
  }
  const real = await realpath(path).catch((cause: unknown) => {
    throw new Failure('not-found', `${asked} is not there; expected a configuration in YAML`, { cause });
  });
  if (!isBelow(real, realRoot)) throw outside();
  const text = await readText(real, asked);
  return {
    label: asked,
    tree: readYaml(text, asked),
    beside: async (name) => {
      if (root !== places.project) return findDefault(name, places);
      try {
        return await fromFile(join(dirname(path), `${name}.yaml`), root, places);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        return ownOf(name, places, error);
      }
    },
  };
}

/** Drover's own configuration of that name. */
async function ownOf(name: string, places: ConfigurationPlaces, missing: unknown): Promise<Found> {
  const { defaultConfigs: folder } = places;
  // The project's was looked for first: that it is missing is what people should hear.
  if (folder === undefined) throw missing;
  return fromFile(join(folder, `${name}.yaml`), folder, places).catch((error: unknown) => {
    throw isNotFound(error) ? missing : error;
  });
}

async function readText(path: string, label: string): Promise<string> {
  // A pipe would keep a reader waiting for ever; non-blocking, it is told from a file below.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new Failure('path-refused', `${label} is not a file`);
    if (stats.size > largestFile) {
      throw new Failure('configuration-invalid', `${label}: larger than 1 MB; expected a configuration`);
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

async function fromStore(key: string, places: ConfigurationPlaces): Promise<Found> {
  const label = storeUri(key);
  const bytes = await places.store.read(key);
  return {
    label,
    tree: readYaml(bytes.toString('utf8'), label),
    beside: (name) => fromStore(posix.join(posix.dirname(key), `${name}.yaml`), places),
  };
}

function isBelow(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function labelOf(path: string, root: string): string {
  const way = relative(root, path).split(sep).join('/');
  // Drover's own, which may lie anywhere.
  return way.includes('/') || basename(root) !== 'configs' ? way : `configs/${way}`;
}

function outside(): Failure {
  return new Failure('path-refused', "A configuration must lie in the project's folder");
}

function isNotFound(error: unknown): boolean {
  return error instanceof Failure && error.type === 'not-found';
}
