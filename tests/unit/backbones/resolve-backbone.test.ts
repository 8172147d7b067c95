import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { storeKey } from '../../../contracts/refs';
import { networkSchema, type NetworkNamed } from '../../../contracts/schemas/network';
import { readBackbone } from '../../../lib/backbones/backbone';
import { resolveBackbone } from '../../../lib/backbones/resolve-backbone';
import { createFolderStore } from '../../../lib/storage/folder-store';
import type { Store } from '../../../lib/storage/store';
import { sourceOptionsFor } from '../../support/source-options';
import { startWebServer, type WebServer } from '../../support/web-server';

let folder: string;
let store: Store;
let server: WebServer;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drover-backbones-'));
  store = createFolderStore(path.join(folder, 'store'));
  const weights = [{ name: 'w', shape: [2], dtype: 'float32' }];
  const document = { modelTopology: {}, weightsManifest: [{ paths: ['weights.bin'], weights }] };
  server = await startWebServer(({ url }, response) => {
    response.end(url?.endsWith('.json') === true ? JSON.stringify(document) : Buffer.alloc(8));
  });
});

afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function resolved(): Promise<NetworkNamed<'transfer'>> {
  const network = networkSchema.parse({ name: 'transfer', backbone: `${server.origin}/model.json` });
  if (network.name !== 'transfer') throw new Error('another network');
  return resolveBackbone(
    store,
    network,
    sourceOptionsFor(folder, { network: { allowedHosts: [server.host] } }),
  );
}

describe('a backbone that a URL leads to', () => {
  it('is fetched once, and pinned by its digest', async () => {
    const first = await resolved();
    expect(storeKey(first.backbone)).toBe(`backbones/${first.sha256}/model.json`);
    const asked = server.requests.length;
    expect(await resolved()).toEqual(first);
    expect(server.requests).toHaveLength(asked);
  });

  it('is fetched again where its folder was removed, as the message about a damaged one tells to', async () => {
    const { backbone, sha256 = '' } = await resolved();
    await store.write(`backbones/${sha256}/weights.bin`, Buffer.alloc(4));
    await expect(readBackbone(store, backbone, sha256)).rejects.toThrow('Remove that folder');
    await store.remove(`backbones/${sha256}/weights.bin`);
    await store.remove(`backbones/${sha256}/model.json`);
    await resolved();
    expect((await readBackbone(store, backbone, sha256)).bytes).toHaveLength(8);
  });
});
