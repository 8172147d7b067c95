import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import sharp from 'sharp';
import { datasetConfigSchema } from '../../contracts/schemas/pipeline';
import { ingestSource } from '../../lib/data/ingest';
import { SpoolCounts } from '../../lib/predictions/counts';
import { startShipper } from '../../lib/predictions/ship';
import type { Source, SourcePicture } from '../../lib/data/sources/source';
import type { Store } from '../../lib/storage/store';
import { listeningLogger } from '../api/served';
import { answerRecord, feedbackRecord, testSpool } from './kept';

/** A picture of blocks that nothing else looks like, the same for the same seed. */
export async function blocks(seed: number, format: 'png' | 'jpeg' = 'png'): Promise<Buffer> {
  let state = seed * 2654435761 + 1;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) & 0xff;
  };
  const cells = Uint8Array.from({ length: 24 * 24 }, next);
  return sharp(cells, { raw: { width: 24, height: 24, channels: 1 } })
    .resize(64, 64, { kernel: 'cubic' })
    .toFormat(format, { quality: 97 })
    .toBuffer();
}

/** The dataset `pets`: cats and dogs, ten each, of which two each validate and two each test. Seeds 1 to 20. */
export async function ingestPets(
  store: Store,
  more: readonly SourcePicture[] = [],
  key = 'k',
): Promise<void> {
  const pictures: SourcePicture[] = Array.from({ length: 20 }, (_, index) => ({
    path: `${index < 10 ? 'cat' : 'dog'}/${index + 1}.png`,
    label: index < 10 ? 'cat' : 'dog',
    split: index % 10 < 6 ? 'train' : index % 10 < 8 ? 'validation' : 'test',
    bytes: () => blocks(index + 1),
  }));
  const source: Source = {
    ...{ uri: 'test://pets', labelled: 'given', licences: 'None.' },
    fingerprint: () => Promise.resolve(undefined),
    async *pictures() {
      yield* [...pictures, ...more];
      await Promise.resolve();
    },
  };
  const dataset = datasetConfigSchema.parse({ name: 'pets', source: { uri: 'test://pets' } });
  await ingestSource({ store, source, dataset, key, at: new Date().toISOString() });
}

/** A label that somebody gives. */
export interface Said {
  readonly label: string;
  readonly by?: string;
}

/** Answers to pictures, with what was said of them, as the API and its shipper would have kept them. @returns the predictions' ids */
export async function keepAnswers(
  store: Store,
  folder: string,
  answers: readonly { readonly picture?: Buffer; readonly said: readonly Said[]; readonly model?: string }[],
): Promise<string[]> {
  const spoolFolder = join(folder, `spool-${randomUUID()}`);
  const spool = testSpool(spoolFolder);
  const began = Date.now() - 60_000;
  const ids = answers.map(({ picture, said, model = 'pets' }, index) => {
    const record = answerRecord({
      at: new Date(began + index).toISOString(),
      model: { name: model, version: 3, digest: 'a'.repeat(64) },
    });
    spool.keep(record, picture);
    said.forEach(({ label, by }, at) => {
      const feedback = feedbackRecord(record.id, label, new Date(began + 1000 + 10 * index + at));
      spool.keep({ ...feedback, ...(by !== undefined && { by }) });
    });
    return record.id;
  });
  spool.close();
  const { logger } = listeningLogger();
  await startShipper({ folder: spoolFolder, store, counts: new SpoolCounts(), keepDays: 0, logger }).close();
  return ids;
}
