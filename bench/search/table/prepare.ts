import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { openStore } from '../../../lib/storage/open-store';
import type { Store } from '../../../lib/storage/store';
import { writePhotographs } from '../../photographs';

const run = promisify(execFile);

/** A store whose latest prepared set is the table's: by a training of one epoch, as a user would, where it isn't there yet. */
export async function preparedStore({
  pictures,
  work,
}: {
  /** A folder of photographs with their `manifest.csv`. */
  readonly pictures: string;
  readonly work: string;
}): Promise<Store> {
  const home = join(work, 'home');
  if (!existsSync(join(home, 'store', 'prepared', 'latest.json'))) await prepare(pictures, work, home);
  return openStore(join(home, 'store'), {});
}

async function prepare(pictures: string, work: string, home: string): Promise<void> {
  if (!existsSync(join(pictures, 'manifest.csv'))) {
    throw new Error(`There is no manifest.csv in ${pictures}: name a folder of photographs by --pictures.`);
  }
  mkdirSync(work, { recursive: true });
  const manifest = join(work, 'pictures.csv');
  writePhotographs(pictures, manifest);
  const drover = resolve(__dirname, '../../../bin/drover.js');
  const words = ['train', '--local', 'epochs=1', 'preprocess.size=24', 'preprocess.color=grey'];
  const split = ['split.validation=0.3', 'preprocess.fit=cover', '--data', manifest, '--json'];
  await run(process.execPath, [drover, ...words, ...split], {
    cwd: work,
    env: { ...process.env, DROVER_HOME: home, DROVER_ALLOWED_ROOTS: [pictures, work].join(':') },
    maxBuffer: 64e6,
  });
}
