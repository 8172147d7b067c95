import { createHash } from 'node:crypto';
import type { WebServer } from './web-server';
import { startWebServer } from './web-server';
import type { Source, SourcePicture } from '../../lib/data/sources/source';
import { locate } from '../../lib/data/labels';

/** Files of a small dataset, by path; what matters is that they are told apart. */
export const pets: ReadonlyMap<string, Buffer> = new Map(
  ['cat/a.jpg', 'cat/b c.jpg', 'cat/more/d.jpg', 'dog/a.jpg', 'dog/ä#1?.jpg'].map((path) => [
    path,
    createHash('sha512').update(path).digest(),
  ]),
);

export async function listPictures(source: Source): Promise<SourcePicture[]> {
  const found: SourcePicture[] = [];
  for await (const picture of source.pictures()) found.push(picture);
  return found;
}

/** Path, label and bytes of every picture of a source, as the next step would have them; sorted. */
export async function readLocated(
  source: Source,
): Promise<(readonly [string, string | undefined, string])[]> {
  const located = locate(await listPictures(source), source.labelled);
  const rows: (readonly [string, string | undefined, string])[] = [];
  for (const picture of located) {
    rows.push([picture.path, picture.label, (await picture.bytes()).toString('hex')]);
  }
  return rows.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Serves files by their paths, with ETags and ranges, as any ordinary web server does. */
export async function serveFiles(files: ReadonlyMap<string, Buffer>): Promise<WebServer> {
  return startWebServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://host');
    const bytes = files.get(decodeURIComponent(pathname.slice(1)));
    if (bytes === undefined) return response.writeHead(404).end('nothing');
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    if (request.headers['if-none-match'] === etag) return response.writeHead(304, { etag }).end();
    const first = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const isPart = first > 0 && first < bytes.length && request.headers['if-range'] === etag;
    const body = isPart ? bytes.subarray(first) : bytes;
    response.writeHead(isPart ? 206 : 200, {
      etag,
      'content-length': body.length,
      ...(isPart && { 'content-range': `bytes ${first}-${bytes.length - 1}/${bytes.length}` }),
    });
    return response.end(request.method === 'HEAD' ? undefined : body);
  });
}
