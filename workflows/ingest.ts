import { defineQuery, setHandler } from '@temporalio/workflow';
import type { IngestInput } from '../contracts/inputs';
import { queryNames } from '../contracts/messages';
import type { ActivityProgress } from '../contracts/progress';
import type { IngestResult } from '../contracts/results';
import { heavy, judging, planning } from './activities';
import { chunksAtOnce, inLanes } from './lanes';
import { ingestDetails } from './details';
import { showDetails } from './show-details';
import { announced } from './announced-work';

/** A source becomes a dataset version; one that is known already costs only a listing. */
export async function ingest(input: IngestInput): Promise<IngestResult> {
  let progress: ActivityProgress = { done: 0, total: 0, unit: 'pictures', note: 'looking at the source' };
  setHandler(defineQuery<ActivityProgress>(queryNames.progress), () => progress);

  const plan = await planning.planIngest(input);
  const { name, source } = plan.input;
  const summary = `${source.uri} → ${name}`.slice(0, 200);

  const compute = async (): Promise<IngestResult> => {
    progress = { ...progress, note: 'reading the source' };
    const { chunks, ...collected } = await heavy.collectSource.executeWithOptions({ summary }, [plan]);
    const total = chunks.reduce((sum, { count }) => sum + count, 0);
    progress = { done: 0, total, unit: 'pictures', note: 'examining' };
    await inLanes(chunksAtOnce, chunks, async ({ chunk, count }) => {
      await heavy.examineChunk.executeWithOptions({ summary: `${count} pictures` }, [{ name, chunk }]);
      progress = { ...progress, done: progress.done + count };
    });
    progress = { ...progress, note: 'judging and dividing' };
    return judging.finishIngest({ plan, ...collected });
  };

  const computed = (): Promise<IngestResult> =>
    plan.inParts === true ? announced(compute) : heavy.ingestSource.executeWithOptions({ summary }, [plan]);
  const result = plan.kept ?? (await computed());
  progress = { done: result.pictures, total: result.pictures, unit: 'pictures' };
  showDetails(ingestDetails(result));
  return result;
}
