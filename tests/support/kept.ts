import { randomUUID } from 'node:crypto';
import { SpoolCounts } from '../../lib/predictions/counts';
import { openSpool, type Spool, type SpoolOptions } from '../../lib/predictions/spool';
import type { KeptFeedback, KeptPrediction } from '../../contracts/schemas/kept-predictions';

/** A record of an answer, as a thread gives it to its spool. */
export function answerRecord(
  more: Partial<Omit<KeptPrediction, 'picture'>> = {},
): Omit<KeptPrediction, 'picture'> {
  return {
    kind: 'prediction',
    id: randomUUID(),
    at: new Date().toISOString(),
    model: { name: 'pets', version: 3, digest: 'a'.repeat(64) },
    prediction: 'cat',
    probabilities: { cat: 0.75, dog: 0.25 },
    ...more,
  };
}

export function feedbackRecord(id: string, label: string, at = new Date()): KeptFeedback {
  return { kind: 'feedback', id, at: at.toISOString(), label };
}

/** A spool that keeps everything, but for what is said otherwise. */
export function testSpool(folder: string, more: Partial<SpoolOptions> = {}): Spool {
  const counts = new SpoolCounts();
  return openSpool(folder, { keep: 'pictures', share: 1, exif: false, maxBytes: 2 ** 30, counts, ...more });
}
