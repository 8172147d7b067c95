import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Answer } from '../../../network/network';
import { checksumsOf, checksumsSchema } from './checksums';
import { removeWhole } from './leftovers';

/** What a host said of a file when it began to send it; by it a later answer is known to be of the same bytes. */
const recordSchema = z.strictObject({
  /** Two downloads with one id write the same bytes at the same places, so they cannot harm each other. */
  id: z.string(),
  etag: z.string().optional(),
  lastModified: z.string().optional(),
  /** In bytes. */
  length: z.int().min(0).optional(),
  type: z.string().optional(),
  disposition: z.string().optional(),
  encoding: z.string().optional(),
  checksums: checksumsSchema,
});
export type DownloadRecord = z.infer<typeof recordSchema>;

/** After so long, what another download left is nobody's. */
const abandonedAfterMs = 24 * 60 * 60 * 1000;

export function lengthOf(answer: Answer): number | undefined {
  const length = answer.header('content-length');
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined;
}

/** Where a host names neither an ETag nor a date, nobody can tell later whether it sends the same bytes. */
export function recordOf(answer: Answer): DownloadRecord {
  const etag = answer.header('etag');
  const lastModified = answer.header('last-modified');
  const length = lengthOf(answer);
  const [type, disposition] = [answer.header('content-type'), answer.header('content-disposition')];
  const encoding = answer.header('content-encoding');
  const isKnown = etag !== undefined || lastModified !== undefined;
  const marks = JSON.stringify([answer.host, etag, lastModified, length]);
  return {
    id: isKnown ? createHash('sha256').update(marks).digest('hex').slice(0, 32) : `once-${randomUUID()}`,
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { lastModified }),
    ...(length !== undefined && { length }),
    ...(type !== undefined && { type }),
    ...(disposition !== undefined && { disposition }),
    ...(encoding !== undefined && encoding !== 'identity' && { encoding }),
    checksums: checksumsOf(answer),
  };
}

/** The validator that `If-Range` takes: a strong ETag or a date (RFC 9110, 13.1.5). */
export function rangeValidator({ etag, lastModified }: DownloadRecord): string | undefined {
  return etag?.startsWith('"') === true ? etag : etag === undefined ? lastModified : undefined;
}

/** The files of one address's downloads. */
export interface DownloadFolder {
  part(record: DownloadRecord): string;
  whole(record: DownloadRecord): string;
  /** The newest record, and what there is of its file. */
  latest(): Promise<
    { readonly record: DownloadRecord; readonly isWhole: boolean; readonly size: number } | undefined
  >;
  /** Keeps a record, so that its download can be resumed. */
  keep(record: DownloadRecord): Promise<void>;
  drop(record: DownloadRecord): Promise<void>;
  /** Removes what other records left, but for what another process may be at just now. */
  tidy(record: DownloadRecord): Promise<void>;
  /** Removes what has come whole; a part stays. */
  remove(): Promise<void>;
}

export function openDownloadFolder(folder: string): DownloadFolder {
  const at = ({ id }: DownloadRecord, ending: string): string => path.join(folder, `${id}.${ending}`);
  const sizeOf = async (file: string): Promise<number | undefined> =>
    (await stat(file).catch(() => undefined))?.size;

  async function read(name: string): Promise<DownloadRecord | undefined> {
    try {
      return recordSchema.parse(JSON.parse(await readFile(path.join(folder, name), 'utf8')));
    } catch {
      // Half written, or of another version: it costs a download and nothing else.
      return undefined;
    }
  }

  return {
    part: (record) => at(record, 'part'),
    whole: (record) => at(record, 'whole'),

    async latest() {
      const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'));
      const dated = await Promise.all(
        names.map(async (name) => ({
          name,
          at: (await stat(path.join(folder, name)).catch(() => undefined))?.mtimeMs ?? 0,
        })),
      );
      for (const { name } of dated.sort((a, b) => b.at - a.at)) {
        const record = await read(name);
        if (record === undefined) continue;
        const whole = await sizeOf(at(record, 'whole'));
        if (whole !== undefined) return { record, isWhole: true, size: whole };
        const part = await sizeOf(at(record, 'part'));
        if (part !== undefined) return { record, isWhole: false, size: part };
      }
      return undefined;
    },

    async keep(record) {
      await mkdir(folder, { recursive: true });
      const temporary = at(record, `${randomUUID()}.new`);
      await writeFile(temporary, JSON.stringify(record));
      await rename(temporary, at(record, 'json'));
    },

    async drop(record) {
      for (const ending of ['part', 'whole', 'json']) await rm(at(record, ending), { force: true });
    },

    async tidy(record) {
      for (const name of await readdir(folder).catch(() => [])) {
        const file = path.join(folder, name);
        const age = Date.now() - ((await stat(file).catch(() => undefined))?.mtimeMs ?? Date.now());
        const isOthers = !name.startsWith(`${record.id}.`);
        if (isOthers && age > abandonedAfterMs) await rm(file, { force: true });
      }
    },

    remove: () => removeWhole(folder),
  };
}
