import { defineQuery, setHandler, workflowInfo } from '@temporalio/workflow';
import type { PreprocessInput } from '../contracts/inputs';
import { queryNames } from '../contracts/messages';
import type { ActivityProgress } from '../contracts/progress';
import type { PreprocessResult } from '../contracts/results';
import { heavy, planning, quick } from './activities';
import { inLanes } from './lanes';
import { showDetails } from './show-details';

/** Shards under way at once, spread over all `cpu` workers; far below the server's limit of 2,000. */
const shardsAtOnce = 64;

/** A dataset version becomes a prepared set, some hundred pictures an activity. */
export async function preprocess(input: PreprocessInput): Promise<PreprocessResult> {
  let done = 0;
  let total = 0;
  setHandler(defineQuery<ActivityProgress>(queryNames.progress), () => ({ done, total, unit: 'pictures' }));

  const plan = await planning.planPreprocess(input);
  total = plan.shards.reduce((sum, shard) => sum + shard.count, 0);
  const { manifest, preprocess: preprocessing } = plan.input;

  const prepare = async (): Promise<PreprocessResult> => {
    const parts = await inLanes(shardsAtOnce, plan.shards, async (shard) => {
      const part = await heavy.prepareShard.executeWithOptions(
        { summary: `pictures ${shard.first + 1}–${shard.first + shard.count}` },
        [{ manifest, key: plan.key, preprocessing, shard }],
      );
      done += shard.count;
      return part;
    });
    return planning.finishPreprocess({ plan, parts });
  };

  const result = plan.kept ?? (await prepare());
  done = total;
  // As part of something larger it may be an evaluation's, and no one's to train on.
  if (workflowInfo().parent === undefined) await quick.rememberPrepared(result.prepared);
  showDetails(`${result.pictures} pictures prepared, ${result.rejected} left out.`);
  return result;
}
