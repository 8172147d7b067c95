import { nameSchema } from '../../../contracts/schemas/name';
import { Failure } from '../../../contracts/failures';
import { openStore } from '../../../lib/storage/open-store';
import type { Store } from '../../../lib/storage/store';
import { modelName } from '../../model-name';
import { type Outside, type SettingFlags, settingsOf } from '../../settings';

export interface FeedbackFlags extends SettingFlags {
  readonly model?: string;
  readonly json?: boolean;
}

/** The store that the API ships to, and the model whose feedback is meant. */
export async function openFeedback(
  flags: FeedbackFlags,
  outside: Outside,
): Promise<{ readonly store: Store; readonly model: string }> {
  const settings = settingsOf(flags, outside);
  const model = flags.model ?? (await modelName(settings, outside.environment));
  if (!nameSchema.safeParse(model).success) {
    throw new Failure('start-refused', '--model takes a name: lower-case letters, digits, - and _.');
  }
  return { model, store: openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint }) };
}
