import sharp from 'sharp';
import { z } from 'zod';
import type { LoadPicture } from '../../lib/load/picture-requests';
import { createRandom } from '../../lib/random';

const answerSchema = z.object({ prediction: z.string(), probabilities: z.record(z.string(), z.number()) });
type Answer = z.infer<typeof answerSchema>;

async function ask(url: URL, { name, bytes }: LoadPicture): Promise<Answer> {
  const form = new FormData();
  form.set(
    'image',
    new Blob([new Uint8Array(bytes)], { type: name.endsWith('.png') ? 'image/png' : 'image/jpeg' }),
    name.split('/').at(-1),
  );
  const response = await fetch(url, { method: 'POST', body: form });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url.href} answered ${response.status}: ${text.slice(0, 300)}`);
  return answerSchema.parse(JSON.parse(text));
}

/** A grey picture of the network's own size: nothing is resized or mixed, so that all sides see the same pixels. */
async function exactPicture(size: number): Promise<LoadPicture> {
  const random = createRandom(7).fork('pixels');
  const raw = Buffer.from(Array.from({ length: size * size }, () => random.int(256)));
  const bytes = await sharp(raw, { raw: { width: size, height: size, channels: 1 } })
    .png()
    .toBuffer();
  return { name: 'exact.png', bytes };
}

export interface Agreement {
  /** The greatest difference of two probabilities on equal pixels. */
  readonly difference: number;
  /** Photographs with the same first class, of `of`. */
  readonly same: number;
  readonly of: number;
}

/** How one service's answers differ from another's. Decoders and filters differ, so on photographs only the first class is compared. */
export async function agreementOf(
  ours: URL,
  theirs: URL,
  photographs: readonly LoadPicture[],
  size: number,
): Promise<Agreement> {
  const exact = await exactPicture(size);
  const [a, b] = [await ask(ours, exact), await ask(theirs, exact)];
  const differences = Object.entries(a.probabilities).map(([name, value]) =>
    Math.abs(value - (b.probabilities[name] ?? NaN)),
  );
  let same = 0;
  for (const photograph of photographs) {
    const [one, other] = [await ask(ours, photograph), await ask(theirs, photograph)];
    if (one.prediction === other.prediction) same += 1;
  }
  return { difference: Math.max(...differences), same, of: photographs.length };
}
