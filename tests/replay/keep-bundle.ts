import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** A worker takes no code without one. */
const emptyMap = Buffer.from('{"version":3,"sources":[],"mappings":""}').toString('base64');

/**
 * Keeps a release's workflow code as its workers run it, for `tests/integration/upgrade.test.ts`: `node --import tsx
 * tests/replay/keep-bundle.ts 0.2.0`, and for a release that is checked out elsewhere, its folder. Without its source map, which is
 * most of it.
 */
async function keep(release: string, root: string): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(root, 'workflows'),
    logger: new DefaultLogger('ERROR'),
  });
  const plain = code
    .replace(/\n(\/\/# sourceMappingURL=data:[^,]*,).*/g, `\n$1${emptyMap}`)
    // Where it was made is nobody's concern.
    .replaceAll(root, '/release')
    .replaceAll(process.cwd(), '/release');
  const folder = join(__dirname, '..', 'fixtures', 'workflow-bundles');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${release}.js.gz`), gzipSync(plain, { level: 9 }));
}

const [release = 'next', root = '.'] = process.argv.slice(2);
keep(release, resolve(root)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
