import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerOptions } from '@temporalio/worker';

/** Of the files that `npm run build` writes beside this one. */
export const bundleNames = {
  plain: 'workflow-bundle.js',
  encodesFailures: 'workflow-bundle-encoded-failures.js',
} as const;

/**
 * The workflow code: bundled at build time in an image, else from the sources when the worker starts.
 *
 * @param encodesFailures whether it holds the module that `dataConverter.failureConverterPath` names; where the sources
 * are bundled, the worker sees to that itself
 */
export function workflowCode(
  encodesFailures: boolean,
): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const built = join(__dirname, bundleNames[encodesFailures ? 'encodesFailures' : 'plain']);
  if (existsSync(built)) return { workflowBundle: { codePath: built } };
  return { workflowsPath: join(__dirname, '..', 'workflows') };
}
