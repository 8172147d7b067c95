import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** After so long, nobody goes on with it: an ingest or a dry run that was stopped for good, or a source that has moved. */
const abandonedAfterMs = 7 * 24 * 60 * 60 * 1000;

/** Files of one download have one beginning; neither it nor the endings hold more dots than the one between them. */
function downloadOf(name: string): string {
  return name.split('.')[0] ?? name;
}

/**
 * Removes what has come whole to the folder of one address, with all that belongs to it. A part stays, whether another
 * process is at it or the next attempt goes on with it.
 */
export async function removeWhole(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const parts = new Set(names.filter((name) => name.endsWith('.part')).map(downloadOf));
  for (const name of names) {
    if (!parts.has(downloadOf(name))) await rm(path.join(folder, name), { force: true });
  }
  // Where something stays, so does the folder.
  await rmdir(folder).catch(() => undefined);
}

/** Removes the folders of addresses at which nothing was brought for a week. */
export async function removeAbandoned(downloads: string): Promise<void> {
  for (const name of await readdir(downloads).catch(() => [])) {
    const folder = path.join(downloads, name);
    const files = await readdir(folder).catch(() => []);
    const inside = files.map((file) => path.join(folder, file));
    const times = await Promise.all([folder, ...inside].map(async (at) => (await stat(at)).mtimeMs)).catch(
      () => [Date.now()],
    );
    if (Date.now() - Math.max(...times) > abandonedAfterMs)
      await rm(folder, { recursive: true, force: true });
  }
}
