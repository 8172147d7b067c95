import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';

/** Run by `npm run build`: bundles the workflows beside the compiled worker, so that images start at once. */
async function main(): Promise<void> {
  const dist = resolve('dist');
  const { code } = await bundleWorkflowCode({ workflowsPath: join(dist, 'workflows') });
  await writeFile(join(dist, 'workers', 'workflow-bundle.js'), code);
}

void main();
