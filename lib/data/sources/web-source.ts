import { createHash } from 'node:crypto';
import { Failure } from '../../../contracts/failures';
import type { SourceConfig } from '../../../contracts/schemas/pipeline';
import type { Answer, Network, RequestOptions } from '../../network/network';
import { retrying } from '../../network/retrying';
import { statusFailure } from '../../network/statuses';
import { openArchive } from './archive/archive-source';
import { download, downloadFolder } from './download/download';
import { type DownloadRecord, recordOf } from './download/record';
import { kindBySaying, kindOfDownloaded } from './downloaded-kind';
import { openManifest } from './manifest/manifest-source';
import { authorizationOf, networkOf } from './network-of';
import type { Source, SourceOptions } from './source';

/** Answers of hosts that know `GET` alone, or sign addresses for it. */
const headRefused = new Set([400, 401, 403, 404, 405, 501]);

/** What a host says of a file, without its bytes. */
async function lookAt(
  url: URL,
  network: Network,
  options: Pick<RequestOptions, 'authorization' | 'signal'>,
): Promise<DownloadRecord & { readonly answer: Answer }> {
  return retrying(
    network.times,
    async () => {
      let answer = await network.request(url, { ...options, method: 'HEAD' });
      if (headRefused.has(answer.status)) {
        answer.discard();
        answer = await network.request(url, { ...options, headers: { range: 'bytes=0-0' } });
      }
      if (answer.status !== 200 && answer.status !== 206) throw statusFailure(answer);
      answer.discard();
      return { ...recordOf(answer), answer };
    },
    options.signal,
  );
}

/** The length of the whole file, also where one byte of it was asked for. */
function wholeLength({ length, answer }: Awaited<ReturnType<typeof lookAt>>): number | undefined {
  const total = /\/(\d{1,15})$/.exec(answer.header('content-range') ?? '')?.[1];
  return total === undefined ? length : Number(total);
}

/** @throws Failure `source-invalid` where it is no URL */
function parseUrl(uri: string): URL {
  if (URL.canParse(uri)) return new URL(uri);
  throw new Failure(
    'source-invalid',
    'The source is no valid URL; expected https://host/file.zip or the like.',
  );
}

/**
 * An archive or a manifest on the web.
 *
 * @throws Failure `source-invalid`, `path-refused`; where its address does not say what it is, as a request does
 */
export async function openWebSource(config: SourceConfig, options: SourceOptions): Promise<Source> {
  const url = parseUrl(config.uri);
  const network = networkOf(options);
  const { signal } = options;
  const authorization = authorizationOf(config, options);
  const said =
    kindBySaying(url, undefined) ?? kindBySaying(url, await lookAt(url, network, { authorization, signal }));
  const licences = `As given at ${url.host}; Drover knows nothing of it.`;

  async function bring() {
    const { file, record } = await download({ url, authorization, network, options });
    return { file, record, kind: await kindOfDownloaded(file, url, record) };
  }
  const forget = (): Promise<void> => downloadFolder(url, options).remove();

  if (said === 'csv' || said === 'jsonl') {
    return openManifest({
      ...{ config, options, licences, forget },
      place: { at: 'web', url },
      async bring() {
        const { file, record, kind } = await bring();
        if (kind === said && record.encoding === undefined) return { file, kind };
        throw new Failure('source-invalid', `${url.host} sent a manifest that is compressed, or is none.`);
      },
    });
  }
  return openArchive({
    ...{ uri: config.uri, licences, options, forget },
    async fingerprint() {
      const found = await lookAt(url, network, { authorization, signal });
      const { etag, lastModified } = found;
      // Another archive may be as long.
      if (etag === undefined && lastModified === undefined) return undefined;
      const marks = [etag, lastModified, wholeLength(found)];
      return createHash('sha256').update(JSON.stringify(marks)).digest('hex');
    },
    async bring() {
      const { file, kind } = await bring();
      if (kind !== 'csv' && kind !== 'jsonl') return { file, kind };
      throw new Failure(
        'source-invalid',
        `${url.host} sent a manifest, and its address or type did not say so.`,
      );
    },
  });
}
