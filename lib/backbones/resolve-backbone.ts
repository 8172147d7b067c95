import path from 'node:path';
import { readFile } from 'node:fs/promises';
import { Failure } from '../../contracts/failures';
import { storeKey } from '../../contracts/refs';
import { followedBackboneSchema, layersModelSchema } from '../../contracts/schemas/backbone';
import type { NetworkNamed } from '../../contracts/schemas/network';
import { resolveLocal } from '../data/sources/local-path';
import type { SourceOptions } from '../data/sources/source';
import { createNetwork, type Network } from '../network/network';
import { retrying } from '../network/retrying';
import { statusFailure } from '../network/statuses';
import { canonicalJson } from '../storage/canonical-json';
import { digestOf, parseDocument } from '../storage/refs';
import type { Store } from '../storage/store';
import { backboneUri, putBackbone } from './backbone';
import { knownBackbones } from './known';

type Transfer = NetworkNamed<'transfer'>;

/** What a backbone may touch on its way: the same as a source. */
export type BackboneOptions = Pick<
  SourceOptions,
  'project' | 'allowedRoots' | 'network' | 'times' | 'signal'
>;

const mostJson = 50e6;
const mostWeights = 2e9;

/**
 * A network whose backbone lies in the store, named by its digest: what a run is made of, whatever the reference leads to
 * tomorrow. A reference that was followed once is not followed again.
 *
 * @throws Failure `configuration-invalid`: no layers model, or another digest than `network.sha256`; `path-refused`,
 *   `source-invalid`, `source-unavailable` as of a source.
 */
export async function resolveBackbone(
  store: Store,
  network: Transfer,
  options: BackboneOptions,
): Promise<Transfer> {
  const { backbone: reference, sha256: wanted } = network;
  if (storeKey(reference) !== undefined) return alreadyThere(network);
  const note = `backbones/by-reference/${digestOf(reference).slice(0, 16)}.json`;
  const followed = await store.readVersioned(note);
  if (followed) {
    const { sha256: digest } = parseDocument(followed.bytes, followedBackboneSchema, note);
    if (wanted === undefined || wanted === digest) return pinned(network, digest);
  }
  const digest = await fetchBackbone(store, reference, options);
  if (wanted !== undefined && wanted !== digest) {
    throw new Failure(
      'configuration-invalid',
      `network.sha256: the backbone there has the digest ${digest}, another than the one that is asked for.`,
    );
  }
  await store.write(note, Buffer.from(canonicalJson({ sha256: digest, at: new Date().toISOString() })));
  return pinned(network, digest);
}

function pinned(network: Transfer, digest: string): Transfer {
  return { ...network, backbone: backboneUri(digest), sha256: digest };
}

function alreadyThere(network: Transfer): Transfer {
  const [, digest] = /^store:\/\/backbones\/([0-9a-f]{64})\/model\.json$/.exec(network.backbone) ?? [];
  if (digest === undefined) {
    throw new Failure(
      'configuration-invalid',
      'network.backbone: expected store://backbones/<digest>/model.json, a name, an https:// URL or a path.',
    );
  }
  if (network.sha256 !== undefined && network.sha256 !== digest) {
    throw new Failure(
      'configuration-invalid',
      'network.sha256: another digest than that of network.backbone.',
    );
  }
  return pinned(network, digest);
}

/** Reads a file that lies beside the description, or the description itself. */
type Read = (file: string | undefined, most: number) => Promise<Uint8Array>;

async function fetchBackbone(store: Store, reference: string, options: BackboneOptions): Promise<string> {
  const address = Object.hasOwn(knownBackbones, reference) ? knownBackbones[reference] : reference;
  const read = /^https?:/i.test(address ?? '')
    ? overNetwork(address ?? '', options)
    : fromDisk(reference, options);
  const json = await read(undefined, mostJson);
  const parsed = layersModelSchema.safeParse(jsonOf(json));
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new Failure(
      'configuration-invalid',
      `network.backbone: this is no TF.js layers model (${where === '' ? 'not JSON' : `its ${where} is missing or wrong`}). ` +
        'Expected the model.json that tensorflowjs_converter writes with --output_format tfjs_layers_model.',
    );
  }
  const parts: Uint8Array[] = [];
  let left = mostWeights;
  for (const file of parsed.data.weightsManifest.flatMap(({ paths }) => paths)) {
    // A name beside the description and nothing else: no folders, no way up, no other host.
    if (!/^[\w.-]+$/.test(file) || /^\.+$/.test(file)) {
      throw new Failure(
        'path-refused',
        'network.backbone: its weights should lie beside it, in plain file names.',
      );
    }
    const part = await read(file, left);
    left -= part.length;
    parts.push(part);
  }
  return putBackbone(store, {
    topology: parsed.data.modelTopology,
    weights: parsed.data.weightsManifest.flatMap(({ weights }) => weights),
    bytes: Buffer.concat(parts),
  });
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
}

function overNetwork(address: string, { network: rules, times, signal }: BackboneOptions): Read {
  const network: Network = createNetwork({ allowedHosts: rules.allowedHosts, times });
  return (file, most) =>
    retrying(
      network.times,
      async () => {
        const url = new URL(address);
        if (file !== undefined) url.pathname = path.posix.join(path.posix.dirname(url.pathname), file);
        const answer = await network.request(url, { signal });
        if (answer.status !== 200) throw statusFailure(answer);
        const chunks: Buffer[] = [];
        let length = 0;
        for await (const chunk of answer.body) {
          length += chunk.length;
          if (length > most) throw tooLarge(most);
          chunks.push(chunk);
        }
        return Buffer.concat(chunks);
      },
      signal,
    );
}

function fromDisk(reference: string, options: BackboneOptions): Read {
  return async (file, most) => {
    const description = await resolveLocal(reference, options);
    const place =
      file === undefined
        ? description
        : await resolveLocal(path.join(path.dirname(description), file), options);
    const bytes = await readFile(place);
    if (bytes.length > most) throw tooLarge(most);
    return bytes;
  };
}

function tooLarge(most: number): Failure {
  return new Failure(
    'source-invalid',
    `network.backbone: a file of it is larger than ${Math.round(most / 1e6)} MB.`,
  );
}
