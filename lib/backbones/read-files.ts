import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../contracts/failures';
import { didYouMean } from '../../contracts/schemas/nearest';
import { resolveLocal } from '../data/sources/local-path';
import type { SourceOptions } from '../data/sources/source';
import { createNetwork } from '../network/network';
import { retrying } from '../network/retrying';
import { statusFailure } from '../network/statuses';
import { knownBackbones } from './known';
import { refused } from './refused';

/** What a backbone may touch on its way: the same as a source. */
export type BackboneOptions = Pick<
  SourceOptions,
  'project' | 'allowedRoots' | 'network' | 'times' | 'signal'
>;

/**
 * Reads a file that lies beside a backbone's description, or the description itself where no file is named.
 *
 * @param most - Bytes; a larger file is refused before it is all in memory.
 */
export type ReadFile = (file: string | undefined, most: number) => Promise<Uint8Array>;

export function isUrl(reference: string): boolean {
  return Object.hasOwn(knownBackbones, reference) || /^https?:/i.test(reference);
}

/** @param reference - A known name, a URL of `model.json`, or a path of it. */
export function filesOf(reference: string, options: BackboneOptions): ReadFile {
  const address = Object.hasOwn(knownBackbones, reference) ? knownBackbones[reference] : reference;
  return isUrl(reference) ? overNetwork(address ?? '', options) : fromDisk(reference, options);
}

function overNetwork(address: string, { network: rules, times, signal }: BackboneOptions): ReadFile {
  if (!URL.canParse(address)) throw refused('found a URL that is none; expected https://host/…/model.json');
  const network = createNetwork({ allowedHosts: rules.allowedHosts, times });
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

function fromDisk(reference: string, options: BackboneOptions): ReadFile {
  return async (file, most) => {
    const description = await place(reference, options);
    const found =
      file === undefined ? description : await place(path.join(path.dirname(description), file), options);
    const about = await stat(found);
    if (!about.isFile()) throw refused('found something else than a file; expected a path to model.json');
    if (about.size > most) throw tooLarge(most);
    return readFile(found);
  };
}

async function place(file: string, options: BackboneOptions): Promise<string> {
  try {
    return await resolveLocal(file, options);
  } catch (cause) {
    if (!(cause instanceof Failure) || cause.type !== 'source-invalid') throw cause;
    throw refused(
      `${path.isAbsolute(file) ? 'a file of it' : 'it'} is not there${didYouMean(file, Object.keys(knownBackbones))}. ` +
        'Expected a known name, https://…/model.json, store://…, or a path to model.json that starts at the project.',
      { cause },
    );
  }
}

function tooLarge(most: number): Failure {
  return new Failure(
    'source-invalid',
    `network.backbone: a file of it is larger than ${Math.round(most / 1e6)} MB.`,
  );
}
