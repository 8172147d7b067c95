import { storeKey } from '../../contracts/refs';
import { followedBackboneSchema } from '../../contracts/schemas/backbone';
import { Failure } from '../../contracts/failures';
import type { NetworkNamed } from '../../contracts/schemas/network';
import { canonicalJson } from '../storage/canonical-json';
import { digestOf, parseDocument } from '../storage/refs';
import type { Store } from '../storage/store';
import { backboneUri, putBackbone } from './backbone';
import { fetchBackbone } from './fetch-backbone';
import { isUrl, type BackboneOptions } from './read-files';
import { refused } from './refused';

type Transfer = NetworkNamed<'transfer'>;

/**
 * A network whose backbone lies in the store, named by its digest: what a run is made of, whatever the reference leads to
 * tomorrow. A name or a URL that was followed once is not followed again; a path is read each time, since whoever works on
 * a backbone writes it where it was.
 *
 * @throws Failure `configuration-invalid`: no model that can be used, or another digest than `network.sha256`;
 *   `path-refused`, `source-invalid`, `source-unavailable` as of a source.
 */
export async function resolveBackbone(
  store: Store,
  network: Transfer,
  options: BackboneOptions,
): Promise<Transfer> {
  const { backbone: reference, sha256: wanted } = network;
  if (storeKey(reference) !== undefined) return alreadyThere(network);
  const note = isUrl(reference)
    ? `backbones/by-reference/${digestOf(reference).slice(0, 16)}.json`
    : undefined;
  // The one that is asked for may have come from elsewhere before; one that was followed may have been removed since.
  const known = wanted ?? (note === undefined ? undefined : await followedBefore(store, note));
  if (known !== undefined && (await store.exists(`backbones/${known}/model.json`))) {
    return pinned(network, known);
  }
  const digest = await putBackbone(store, await fetchBackbone(reference, options));
  if (wanted !== undefined && wanted !== digest) {
    throw new Failure(
      'configuration-invalid',
      `network.sha256: the backbone there has the digest ${digest}, another than the one that is asked for.`,
    );
  }
  if (note !== undefined) {
    await store.write(note, Buffer.from(canonicalJson({ sha256: digest, at: new Date().toISOString() })));
  }
  return pinned(network, digest);
}

/** The digest of what a reference led to before. */
async function followedBefore(store: Store, note: string): Promise<string | undefined> {
  const found = await store.readVersioned(note);
  return found && parseDocument(found.bytes, followedBackboneSchema, note).sha256;
}

function pinned(network: Transfer, digest: string): Transfer {
  return { ...network, backbone: backboneUri(digest), sha256: digest };
}

function alreadyThere(network: Transfer): Transfer {
  const [, digest] = /^store:\/\/backbones\/([0-9a-f]{64})\/model\.json$/.exec(network.backbone) ?? [];
  if (digest === undefined) {
    throw refused('expected store://backbones/<digest>/model.json, a name, an https:// URL or a path.');
  }
  if (network.sha256 !== undefined && network.sha256 !== digest) {
    throw new Failure(
      'configuration-invalid',
      'network.sha256: another digest than that of network.backbone.',
    );
  }
  return pinned(network, digest);
}
