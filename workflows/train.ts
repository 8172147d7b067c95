import { upsertSearchAttributes } from '@temporalio/workflow';
import type { StartInput, TrainPart } from '../contracts/inputs';
import type { TrainedSoFar, TrainResult } from '../contracts/results';
import { planning, quick, training } from './activities';
import { preparedToUse } from './dataset';
import { trainDetails } from './details';
import { attribute } from './search-attributes';
import { showDetails } from './show-details';

/**
 * One run. The same configuration on the same prepared set is the same run, and is trained once.
 *
 * @param part - Of a sweep: how far, and whom to tell.
 */
export async function train(input?: StartInput, part?: TrainPart): Promise<TrainResult | TrainedSoFar> {
  const { config: asked, prepared: given } = await quick.resolveTrain(input);
  const prepared = await preparedToUse(given);
  // What a run is made of has a digest: also a backbone that a URL leads to.
  const config = asked.network.name === 'transfer' ? await planning.pinBackbone(asked) : asked;
  const { network, epochs, batch_size, lr } = config;
  const result =
    (await quick.recallRun({ config, prepared, ...part })) ??
    (await training().trainRun.executeWithOptions(
      { summary: `${network.name}, ${epochs} epochs, batch ${batch_size}, lr ${lr}` },
      [{ config, prepared, ...part }],
    ));
  upsertSearchAttributes([{ key: attribute.run, value: result.run }]);
  showDetails(trainDetails(result));
  return result;
}
