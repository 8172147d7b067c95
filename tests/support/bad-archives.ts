import { expect } from '@jest/globals';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Failure, type FailureType } from '../../contracts/failures';
import { openSource } from '../../lib/data/sources/open-source';
import type { SourceLimits } from '../../lib/data/sources/source';
import { sourceOptionsFor } from './source-options';

/** An archive with one bad entry beside `cat/good.jpg`. */
export interface BadEntry {
  readonly kind: string;
  readonly file: string;
  readonly bytes: () => Buffer;
  /** The path under which it is reported. */
  readonly path: string;
  readonly type?: FailureType;
  readonly says: RegExp;
}

/** An archive that is not to be trusted as a whole. */
export interface BadArchive {
  readonly kind: string;
  readonly file: string;
  readonly bytes: () => Buffer;
  readonly limits?: Partial<SourceLimits>;
  readonly says: RegExp;
}

interface Read {
  readonly taken: readonly string[];
  readonly refused: ReadonlyMap<string, Failure>;
}

/** Reads an archive as a source, and sees that nothing of it was written anywhere near. */
export async function readArchiveFile(
  name: string,
  bytes: Buffer,
  limits?: Partial<SourceLimits>,
): Promise<Read> {
  const root = await mkdtemp(path.join(tmpdir(), 'drover-archive-'));
  const project = path.join(root, 'a', 'b', 'project');
  await mkdir(project, { recursive: true });
  await writeFile(path.join(project, name), bytes);
  const options = sourceOptionsFor(project);
  const taken: string[] = [];
  const refused = new Map<string, Failure>();
  try {
    const source = await openSource({ uri: name }, { ...options, limits: { ...options.limits, ...limits } });
    for await (const picture of source.pictures()) {
      try {
        await picture.bytes();
        taken.push(picture.path);
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
        refused.set(picture.path, error as Failure);
      }
    }
    return { taken, refused };
  } finally {
    const there = (await readdir(root, { recursive: true })).sort();
    await rm(root, { recursive: true, force: true });
    expect(there).toEqual(['a', 'a/b', 'a/b/project', `a/b/project/${name}`]);
  }
}

/** The good one is taken, the bad one is named once. */
export async function expectNamed({ file, bytes, path: at, type, says }: BadEntry): Promise<void> {
  const { taken, refused } = await readArchiveFile(file, bytes());
  expect(taken).toEqual(['cat/good.jpg']);
  const [[reported, failure] = ['nothing', undefined]] = [...refused];
  expect(failure?.message).toMatch(says);
  expect(failure?.type).toBe(type ?? 'picture-unreadable');
  // A name that is refused is shown as one segment of plain characters, cut off where it is long.
  expect(reported.startsWith(at.slice(0, 100))).toBe(true);
  expect(reported.length).toBeLessThanOrEqual(120);
  expect(refused.size).toBe(1);
}

export async function expectRefused({ file, bytes, limits, says }: BadArchive): Promise<void> {
  const failure = await readArchiveFile(file, bytes(), limits).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Failure);
  expect(failure).toMatchObject({ type: 'source-invalid', message: expect.stringMatching(says) });
}
