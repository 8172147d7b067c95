import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { nameSchema } from '../../contracts/schemas/name';
import { type ModelVersion, modelVersionSchema } from '../../contracts/schemas/registry';
import { createAtomicFiles } from '../../lib/storage/atomic-files';
import { sha256 } from '../../lib/storage/refs';

/** A version and its model, as they were when it was served last. */
export interface CopiedModel {
  readonly version: ModelVersion;
  readonly onnx: Uint8Array;
  /** When the alias was moved to it. */
  readonly promotedAt?: string | undefined;
}

/** What an alias named last, on this machine's disk: what is answered with where the store is away at the start. */
export interface LocalCopy {
  /** @throws Error of the file system */
  save(model: CopiedModel): Promise<void>;
  /** @returns undefined where there is none, or where it is not what was saved */
  read(): Promise<CopiedModel | undefined>;
}

const copySchema = z.strictObject({
  /** The store that it was taken from: another store's models are another's. */
  store: z.string(),
  promotedAt: z.string().optional(),
  version: modelVersionSchema,
});

interface LocalCopyOptions {
  /** Made where it is not there. */
  readonly folder: string;
  /** The store's. */
  readonly location: string;
  /** The model's, which may be no path. */
  readonly name: string;
  readonly alias: string;
}

/** The copy of one alias: a document that names a version, and the model's file under its digest. */
export function openLocalCopy({ folder, location, name, alias }: LocalCopyOptions): LocalCopy {
  const place = join(folder, nameSchema.parse(name), nameSchema.parse(alias));
  const files = createAtomicFiles(join(place, 'unfinished'));
  const document = join(place, 'version.json');
  const model = (digest: string) => join(place, `${digest}.onnx`);

  return {
    async save({ version, onnx, promotedAt }) {
      await mkdir(place, { recursive: true, mode: 0o700 });
      const digest = version.model.onnx.sha256;
      await files.replace(model(digest), onnx);
      // The model first: a document never names one that is not there.
      const copy = { store: location, ...(promotedAt !== undefined && { promotedAt }), version };
      await files.replace(document, Buffer.from(JSON.stringify(copy)));
      const old = (await readdir(place)).filter(
        (file) => file.endsWith('.onnx') && file !== `${digest}.onnx`,
      );
      await Promise.all(old.map((file) => rm(join(place, file), { force: true })));
    },
    async read() {
      try {
        const copy = copySchema.parse(JSON.parse(await readFile(document, 'utf8')));
        const digest = copy.version.model.onnx.sha256;
        const onnx = await readFile(model(digest));
        if (copy.store !== location || copy.version.name !== name || sha256(onnx) !== digest)
          return undefined;
        return { version: copy.version, onnx, promotedAt: copy.promotedAt };
      } catch {
        // None, or a damaged one: it is made again when the store is there.
        return undefined;
      }
    },
  };
}
