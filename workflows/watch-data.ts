import {
  CancellationScope,
  ParentClosePolicy,
  sleep,
  startChild,
  upsertSearchAttributes,
  WorkflowIdReusePolicy,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { StartInput, WatchInput } from '../contracts/inputs';
import { workflowIds } from '../contracts/names';
import type { WatchResult } from '../contracts/results';
import type { DatasetConfig } from '../contracts/schemas/pipeline';
import { planning, quick } from './activities';
import { ingestOnce } from './dataset';
import { pipeline } from './pipeline';
import { attribute } from './search-attributes';
import { showDetails } from './show-details';

/** A source that changes at every look is left to the next watch. */
const mostLooks = 20;

/**
 * Looks at a pipeline's source once, as a Schedule has it do again and again: a source that has changed becomes a new
 * dataset version, and that starts one pipeline, whatever looks overlap. The pipeline goes on by itself.
 */
export async function watchData(given?: WatchInput): Promise<WatchResult> {
  const { settle, ...request } = await quick.planWatch(given);
  const { config } = await quick.resolvePipeline(request);
  const { name, source, split, validate } = config;
  upsertSearchAttributes([{ key: attribute.dataset, value: name }]);

  const dataset = { name, source, split, validate };
  if (!(await holdsStill(dataset, settle))) {
    return shown({
      version: undefined,
      reason: `The source of ${name} does not hold still; the next look may find it so.`,
    });
  }
  const { result, kept } = await ingestOnce(dataset);
  const version = result.manifest.sha256;
  const by = `${workflowInfo().workflowId}/${workflowInfo().runId}`;
  const workflowId = workflowIds.pipelineOf(name, version);
  // A version that is claimed is trained on: who is told to end between the two would keep every other look from it.
  const isOurs = await CancellationScope.nonCancellable(async () => {
    if (!(await quick.claimVersion({ name, version, by }))) return false;
    await startPipeline(workflowId, request, `${name}: a new dataset version of ${result.pictures} pictures`);
    return true;
  });
  if (!isOurs) {
    const what = kept ? 'The source has not changed' : 'The source has changed, and its pictures have not';
    return shown({
      version,
      reason: `${what}: ${result.pictures} pictures, as they were trained on before.`,
    });
  }
  const reason = `A new version of ${result.pictures} pictures; ${workflowId} trains on it.`;
  return shown({ version, pipeline: workflowId, reason });
}

/** One that was started already is not started twice. */
async function startPipeline(workflowId: string, request: StartInput, staticSummary: string): Promise<void> {
  try {
    await startChild(pipeline, {
      ...{ workflowId, args: [request], staticSummary },
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

function shown(result: WatchResult): WatchResult {
  showDetails(result.reason);
  return result;
}

/** Whether what is new in the source stays the same for a while: a half-finished upload must not be trained on. */
async function holdsStill(dataset: DatasetConfig, settle: number): Promise<boolean> {
  let seen = await planning.lookAtSource(dataset);
  for (let look = 1; look < mostLooks; look += 1) {
    // A source of which nobody can tell whether it has changed is never seen to hold still.
    if (seen.kept !== undefined || seen.untold === true || settle === 0) return true;
    await sleep(settle * 1000);
    const next = await planning.lookAtSource(dataset);
    if (next.key === seen.key) return true;
    seen = next;
  }
  return false;
}
