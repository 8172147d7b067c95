import { startWebServer, type WebServer } from './web-server';

/** What stands in for Kaggle: its API, and the storage host that it redirects to. */
export interface FakeKaggle {
  /** For `kaggle.endpoint`. */
  readonly endpoint: string;
  readonly api: WebServer;
  readonly storage: WebServer;
  /** Archives by version; the highest is the current one. */
  readonly versions: Map<number, Buffer>;
  stop(): Promise<void>;
}

/**
 * Answers as Kaggle's API does to `datasets/view` and `datasets/download` of `alessiocorrado99/animals10`, for
 * whoever shows `authorization`.
 */
export async function startFakeKaggle(authorization: string): Promise<FakeKaggle> {
  const versions = new Map<number, Buffer>();
  const storage = await startWebServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://host');
    const bytes = versions.get(Number(url.searchParams.get('v')));
    if (url.searchParams.get('signature') !== 's3cret' || bytes === undefined)
      return response.writeHead(403).end();
    return response
      .writeHead(200, { etag: `"v${url.searchParams.get('v')}"`, 'content-length': bytes.length })
      .end(bytes);
  });
  const api = await startWebServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://host');
    const [, call, name] = /^\/api\/v1\/datasets\/(view|download)\/(.+)$/.exec(url.pathname) ?? [];
    if (request.headers.authorization !== authorization) {
      return response.writeHead(401).end('{"code":401,"message":"Unauthenticated"}');
    }
    if (name === 'somebody/private') return response.writeHead(403).end('{"code":403}');
    if (name !== 'alessiocorrado99/animals10') return response.writeHead(404).end('{"code":404}');
    const current = Math.max(...versions.keys());
    if (call === 'view') {
      return response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(
          JSON.stringify({ ref: name, title: 'Animals-10', currentVersionNumber: current, totalBytes: 1 }),
        );
    }
    const version = Number(url.searchParams.get('dataset_version_number') ?? current);
    if (!versions.has(version)) return response.writeHead(404).end('{"code":404}');
    return response
      .writeHead(302, { location: `${storage.origin}/archive.zip?v=${version}&signature=s3cret` })
      .end();
  });
  return {
    ...{ endpoint: `${api.origin}/api/v1`, api, storage, versions },
    async stop() {
      await Promise.all([api.stop(), storage.stop()]);
    },
  };
}
