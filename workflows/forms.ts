import type { FormsInput } from '../contracts/inputs';
import type { FormsResult } from '../contracts/results';
import { heavy, quick } from './activities';
import { showDetails } from './show-details';

/** What a registered version could be served as: its forms, side by side. It changes nothing. */
export async function forms(input: FormsInput): Promise<FormsResult> {
  const { forms: made, chosen, details } = await heavy.makeForms(await quick.planForms(input));
  showDetails(details);
  return { forms: made, chosen };
}
