import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../../contracts/failures';
import type { SourceConfig } from '../../../contracts/schemas/pipeline';
import { kindByBytes, kindByName, kindBytes, type FileKind } from './archive/kinds';
import { openArchive } from './archive/archive-source';
import { openFolder } from './folder-source';
import { resolveLocal } from './local-path';
import { openManifest } from './manifest/manifest-source';
import { wrongWith } from './read-file';
import type { Source, SourceOptions } from './source';

async function kindOf(file: string): Promise<FileKind | undefined> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(kindBytes), 0, kindBytes, 0);
    return kindByBytes(buffer.subarray(0, bytesRead)) ?? kindByName(file);
  } finally {
    await handle.close();
  }
}

/** @throws Failure `source-invalid` where the file is of no kind that is a source */
async function requireKind(file: string): Promise<FileKind> {
  const kind = await kindOf(file).catch((cause: unknown) => {
    const wrong = wrongWith(cause);
    if (wrong === undefined) throw cause;
    throw new Failure('source-invalid', `The source's file cannot be read: ${wrong}.`, { cause });
  });
  if (kind !== undefined) return kind;
  throw new Failure(
    'source-invalid',
    'The source is a file that is no archive (.zip, .tar, .tar.gz) and no manifest (.csv, .jsonl); expected one ' +
      'of those, or a folder with one sub-folder a class.',
  );
}

/**
 * What lies on this machine: a folder, an archive or a manifest.
 *
 * @param config - its `uri` is a path, relative to the project or absolute, or a `file://` URL
 * @throws Failure `path-refused`, `source-invalid`
 */
export async function openLocal(config: SourceConfig, options: SourceOptions): Promise<Source> {
  const { uri } = config;
  const file = await resolveLocal(uri, options);
  const info = await stat(file);
  if (info.isDirectory()) return openFolder(uri, file, options.limits);
  if (!info.isFile()) throw new Failure('source-invalid', 'The source is no file and no folder.');
  const kind = await requireKind(file);
  const licences = 'As given by whoever put it together; Drover knows nothing of it.';
  if (kind === 'csv' || kind === 'jsonl') {
    const place = { at: 'disk', file } as const;
    return openManifest({ config, options, place, licences, bring: () => Promise.resolve({ file, kind }) });
  }
  return openArchive({
    ...{ uri, licences, options },
    async fingerprint() {
      const { size, mtimeMs } = await stat(file);
      return createHash('sha256')
        .update(JSON.stringify([path.basename(file), size, mtimeMs]))
        .digest('hex');
    },
    bring: () => Promise.resolve({ file, kind }),
  });
}
