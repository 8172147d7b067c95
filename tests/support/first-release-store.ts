import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execFileSync } from 'node:child_process';

/**
 * A store as version 0.1.0 left it, in a new folder: a pipeline over the sample set, from its sources. The folder is whoever asks's to
 * remove.
 */
export function storeOfFirstRelease(): { readonly root: string; readonly folder: string } {
  const root = mkdtempSync(join(tmpdir(), 'drover-store-0.1.0-'));
  execFileSync('tar', ['xzf', resolve('tests/fixtures/stores/0.1.0.tar.gz'), '-C', root]);
  return { root, folder: join(root, 'store') };
}
