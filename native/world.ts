import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { catalogue, type Catalogue } from './parts';

/** What a set-up needs to know of the machine; tests hand in a machine of their own. */
export interface World {
  readonly catalogue: Catalogue;
  /** `<process.platform>-<process.arch>`, such as `linux-x64`. */
  readonly platform: string;
  /** Environment of the commands that are run; that of this process where it is undefined. */
  readonly environment: NodeJS.ProcessEnv | undefined;
  /** Bytes that this user may still write where `folder` is, or will be. */
  readonly freeBytes: (folder: string) => Promise<number>;
  /** Folder of the npm package that brings the addon's source, and loads the addon. */
  readonly addonPackage: () => string;
  /** Folder with Node's own headers for addons. */
  readonly nodeHeaders: () => string;
  /** The Node-API version of this Node. */
  readonly napi: number;
  /** The Node that loads the addon. */
  readonly node: string;
}

function nearestFolder(folder: string): string {
  return existsSync(folder) ? folder : nearestFolder(dirname(folder));
}

/** The machine that this process runs on. */
export function thisMachine(): World {
  const require = createRequire(__filename);
  const packageFolder = (name: string) => dirname(require.resolve(`${name}/package.json`));
  return {
    catalogue,
    platform: `${process.platform}-${process.arch}`,
    environment: undefined,
    freeBytes: async (folder) => {
      const { bavail, bsize } = await statfs(nearestFolder(folder));
      return bavail * bsize;
    },
    addonPackage: () => packageFolder('@tensorflow/tfjs-node-gpu'),
    nodeHeaders: () => join(packageFolder('node-api-headers'), 'include'),
    napi: Number(process.versions.napi),
    node: process.execPath,
  };
}
