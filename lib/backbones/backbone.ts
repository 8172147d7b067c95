import { Failure } from '../../contracts/failures';
import { storeKey, storeUri } from '../../contracts/refs';
import { layersModelSchema, type LayersModelDocument } from '../../contracts/schemas/backbone';
import { canonicalJson } from '../storage/canonical-json';
import { digestOf, parseDocument, sha256 } from '../storage/refs';
import type { Store } from '../storage/store';

/** A layers model that somebody else trained: its topology, and its weights as one piece. */
export interface Backbone {
  readonly topology: LayersModelDocument['modelTopology'];
  readonly weights: readonly LayersModelDocument['weightsManifest'][number]['weights'][number][];
  readonly bytes: Uint8Array;
}

/** The digest that a backbone goes by: of its topology, its weights' names and shapes, and their bytes. */
export function backboneDigest({ topology, weights, bytes }: Backbone): string {
  return digestOf({ topology, weights, bytes: sha256(bytes) });
}

const folder = (digest: string): string => `backbones/${digest}`;

/** Where a backbone's description lies; its weights beside it, so that TF.js can load them from there. */
export function backboneUri(digest: string): string {
  return storeUri(`${folder(digest)}/model.json`);
}

/** Puts a backbone into the store, once. */
export async function putBackbone(store: Store, backbone: Backbone): Promise<string> {
  const digest = backboneDigest(backbone);
  const { topology, weights, bytes } = backbone;
  const document = {
    format: 'layers-model',
    modelTopology: topology,
    weightsManifest: [{ paths: ['weights.bin'], weights }],
  };
  await store.create(`${folder(digest)}/weights.bin`, bytes);
  // Last: what names the weights finds them there.
  await store.create(`${folder(digest)}/model.json`, Buffer.from(canonicalJson(document)));
  return digest;
}

/**
 * @param uri - From {@link backboneUri}.
 * @throws Failure `not-found`; `digest-mismatch` where it isn't what its name says.
 */
export async function readBackbone(store: Store, uri: string, digest: string): Promise<Backbone> {
  const key = storeKey(uri);
  if (key !== `${folder(digest)}/model.json`) {
    throw new Failure('not-found', `network.backbone and network.sha256 name different backbones.`);
  }
  const document = parseDocument(await store.read(key), layersModelSchema, key);
  const backbone: Backbone = {
    topology: document.modelTopology,
    weights: document.weightsManifest.flatMap(({ weights }) => weights),
    bytes: await store.read(`${folder(digest)}/weights.bin`),
  };
  const found = backboneDigest(backbone);
  if (found !== digest) {
    throw new Failure(
      'digest-mismatch',
      `${folder(digest)} holds a backbone with the digest ${found}. Remove that folder; it is fetched again.`,
    );
  }
  return backbone;
}
