import type { RollbackInput } from '../contracts/inputs';
import type { PromoteResult } from '../contracts/results';
import { quick } from './activities';
import { showDetails } from './show-details';

/** Moves `champion` back to an earlier version, judging nothing. */
export async function rollback(input: RollbackInput): Promise<PromoteResult> {
  const result = await quick.rollbackChampion(await quick.planRollback(input));
  showDetails(`**Champion is version ${result.champion}**: ${result.reason}`);
  return result;
}
