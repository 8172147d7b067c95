import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../../contracts/failures';
import { kindByBytes, kindByName, kindBytes, type FileKind } from './archive/kinds';
import { readArchive } from './archive/read-archive';
import { openFolder } from './folder-source';
import { resolveLocal } from './local-path';
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
 * @param uri - a path, relative to the project or absolute, or a `file://` URL
 * @throws Failure `path-refused`, `source-invalid`
 */
export async function openLocal(uri: string, options: SourceOptions): Promise<Source> {
  const file = await resolveLocal(uri, options);
  const info = await stat(file);
  if (info.isDirectory()) return openFolder(uri, file, options.limits);
  if (!info.isFile()) throw new Failure('source-invalid', 'The source is no file and no folder.');
  const kind = await requireKind(file);
  if (kind === 'csv' || kind === 'jsonl') throw new Failure('source-invalid', 'Manifests are not read yet.');
  return {
    uri,
    labelled: 'by-nested-folder',
    licences: 'As given by whoever put the archive together; Drover knows nothing of it.',
    async fingerprint() {
      const { size, mtimeMs } = await stat(file);
      return createHash('sha256')
        .update(JSON.stringify([path.basename(file), size, mtimeMs]))
        .digest('hex');
    },
    pictures: () => readArchive(file, kind, options),
  };
}
