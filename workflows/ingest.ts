import type { IngestInput } from '../contracts/inputs';
import type { IngestResult } from '../contracts/results';
import { heavy, planning } from './activities';
import { ingestDetails } from './details';
import { showDetails } from './show-details';

/** A source becomes a dataset version; one that is known already costs only a listing. */
export async function ingest(input: IngestInput): Promise<IngestResult> {
  const plan = await planning.planIngest(input);
  const result =
    plan.kept ??
    (await heavy.ingestSource.executeWithOptions(
      { summary: `${plan.input.source.uri} → ${plan.input.name}` },
      [plan],
    ));
  showDetails(ingestDetails(result));
  return result;
}
