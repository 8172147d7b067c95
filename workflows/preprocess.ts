import { defineQuery, setHandler, workflowInfo } from '@temporalio/workflow';
import type { PreprocessPlan } from '../activities/datasets';
import type { PreprocessInput } from '../contracts/inputs';
import { queryNames } from '../contracts/messages';
import type { ActivityProgress } from '../contracts/progress';
import type { PreprocessResult } from '../contracts/results';
import { heavy, planning, quick } from './activities';
import { announced } from './announced-work';
import { chunksAtOnce, inLanes } from './lanes';
import { showDetails } from './show-details';

/** A dataset version becomes a prepared set, some hundred pictures an activity; those prepared before are kept. */
export async function preprocess(input: PreprocessInput): Promise<PreprocessResult> {
  let done = 0;
  let total = 0;
  setHandler(defineQuery<ActivityProgress>(queryNames.progress), () => ({ done, total, unit: 'pictures' }));

  const plan = await planning.planPreprocess(input);
  const { name, preprocess: preprocessing } = plan.input;
  const { chunks, shards = [] } = plan;
  total = (chunks ?? shards).reduce((sum, { count }) => sum + count, 0);

  const prepare = async (): Promise<PreprocessResult> => {
    await inLanes(chunksAtOnce, chunks ?? [], async ({ chunk, count }) => {
      await heavy.prepareChunk.executeWithOptions({ summary: `${count} pictures` }, [
        { name, preprocessing, chunk },
      ]);
      done += count;
    });
    return planning.finishPreprocess({ plan });
  };

  const compute = (): Promise<PreprocessResult> =>
    chunks === undefined ? prepareRanges(plan) : announced(prepare);
  const result = plan.kept ?? (await compute());
  done = total;
  // As part of something larger it may be an evaluation's, and no one's to train on.
  if (workflowInfo().parent === undefined) await quick.rememberPrepared(result.prepared);
  showDetails(`${result.pictures} pictures prepared, ${result.rejected} left out.`);
  return result;
}

/** As version 0.1.0 divided the work: for preparations that began under it. */
async function prepareRanges(plan: PreprocessPlan): Promise<PreprocessResult> {
  const { manifest, preprocess: preprocessing } = plan.input;
  await inLanes(chunksAtOnce, plan.shards ?? [], (shard) =>
    heavy.prepareShard.executeWithOptions(
      { summary: `pictures ${shard.first + 1}–${shard.first + shard.count}` },
      [{ manifest, preprocessing, shard }],
    ),
  );
  return planning.finishPreprocess({ plan });
}
