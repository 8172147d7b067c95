import type { SourceOptions, SourcePicture } from '../source';
import { createBudget } from './budget';
import { createEntryJudge } from '../entries';
import { readTar } from './tar';
import { readZip } from './zip';

export type ArchiveKind = 'zip' | 'tar' | 'tar.gz';

/**
 * The files of an archive on this machine. Nothing of it is written anywhere.
 *
 * @throws Failure `source-invalid` where the archive as a whole cannot be trusted; the signal's reason
 */
export async function* readArchive(
  file: string,
  kind: ArchiveKind,
  { limits, signal }: Pick<SourceOptions, 'limits' | 'signal'>,
): AsyncGenerator<SourcePicture, void, undefined> {
  const budget = createBudget(limits);
  const entries = kind === 'zip' ? readZip(file, budget) : readTar(file, kind === 'tar.gz', budget, signal);
  const judge = createEntryJudge();
  for await (const entry of entries) {
    signal?.throwIfAborted();
    const picture = judge(entry);
    if (picture !== undefined) yield picture;
  }
}
