import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerOptions } from '@temporalio/worker';

/** The workflow code: bundled at build time in an image, else from the sources when the worker starts. */
export function workflowCode(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const built = join(__dirname, 'workflow-bundle.js');
  if (existsSync(built)) return { workflowBundle: { codePath: built } };
  return { workflowsPath: join(__dirname, '..', 'workflows') };
}
