import { Failure } from '../../contracts/failures';

/** Why a backbone can't be used, for whoever named it in `network.backbone`. */
export function refused(why: string, options?: { readonly cause?: unknown }): Failure {
  return new Failure('configuration-invalid', `network.backbone: ${why}`, options);
}
