import { Failure } from '../../contracts/failures';
import type { PictureProblem } from '../../contracts/schemas/dataset';

/** Why a file's bytes are not taken as a picture. */
export type RefusalKind = Extract<PictureProblem, 'not_a_picture' | 'damaged' | 'too_large'>;

/** Thrown within this room alone; its callers get a Failure, or a finding. The message is a sentence for people. */
export class PictureRefused extends Error {
  constructor(
    readonly kind: RefusalKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A refusal as the rest of Drover knows it; anything else as it is. */
export function failureOf(error: unknown): unknown {
  if (!(error instanceof PictureRefused)) return error;
  return new Failure('picture-unreadable', error.message, { cause: error.cause });
}
