import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { bundleNames } from './bundle';

/**
 * Run by `npm run build`: bundles the workflows beside the compiled worker, so that images start at once. Twice, for what failures say is put
 * into payloads by code of the bundle, and only where payloads are encrypted.
 */
async function main(): Promise<void> {
  const dist = resolve('dist');
  const workflowsPath = join(dist, 'workflows');
  const failureConverterPath = join(workflowsPath, 'encoded-failures.js');
  const plain = await bundleWorkflowCode({ workflowsPath });
  await writeFile(join(dist, 'workers', bundleNames.plain), plain.code);
  const encoded = await bundleWorkflowCode({ workflowsPath, failureConverterPath });
  await writeFile(join(dist, 'workers', bundleNames.encodesFailures), encoded.code);
}

void main();
