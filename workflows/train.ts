import { upsertSearchAttributes } from '@temporalio/workflow';
import type { StartInput } from '../contracts/inputs';
import type { TrainResult } from '../contracts/results';
import { planning, quick, training } from './activities';
import { preparedToUse } from './dataset';
import { trainDetails } from './details';
import { attribute } from './search-attributes';
import { showDetails } from './show-details';

/** One run. The same configuration on the same prepared set is the same run, and is trained once. */
export async function train(input?: StartInput): Promise<TrainResult> {
  const { config: asked, prepared: given } = await quick.resolveTrain(input);
  const prepared = await preparedToUse(given);
  // What a run is made of has a digest: also a backbone that a URL leads to.
  const config = asked.network.name === 'transfer' ? await planning.pinBackbone(asked) : asked;
  const { network, epochs, batch_size, lr } = config;
  const result =
    (await quick.recallRun({ config, prepared })) ??
    (await training().trainRun.executeWithOptions(
      { summary: `${network.name}, ${epochs} epochs, batch ${batch_size}, lr ${lr}` },
      [{ config, prepared }],
    ));
  upsertSearchAttributes([{ key: attribute.run, value: result.run }]);
  showDetails(trainDetails(result));
  return result;
}
