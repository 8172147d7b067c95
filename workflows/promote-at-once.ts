import { upsertSearchAttributes } from '@temporalio/workflow';
import type { PromoteInput } from '../contracts/inputs';
import type { PromoteResult } from '../contracts/results';
import { quick } from './activities';
import { championFigures, figures, sameSet } from './promotion-figures';
import { failureType } from './failures';
import { attribute } from './search-attributes';
import { showDetails } from './show-details';

/** How version 0.1.0 promoted: judged and moved by one activity. What it began goes on so. */
export async function promoteAtOnce(given: PromoteInput): Promise<PromoteResult> {
  const input = await quick.planPromotion(given);
  upsertSearchAttributes([{ key: attribute.model, value: input.model }]);
  const { model, version, rules, by } = input;
  for (;;) {
    const manifest = await sameSet({ model, version });
    const evaluation = input.evaluation ?? (await figures({ model, version, manifest }));
    const standing = await quick.champion(model);
    const champion =
      standing === undefined || standing === version
        ? undefined
        : { version: standing, ...(await championFigures({ model, version: standing, manifest })) };
    try {
      const result = await quick.judgeAndPromote({
        model,
        version,
        evaluation,
        rules,
        by,
        ...(champion && { champion }),
      });
      showDetails(`**${result.promoted ? 'Promoted' : 'Not promoted'}**: ${result.reason}`);
      return result;
    } catch (error) {
      if (failureType(error) !== 'alias-moved') throw error;
    }
  }
}
