import { createHash } from 'node:crypto';
import { openSource } from '../../lib/data/sources/open-source';
import { sourceOptionsFor } from './source-options';

/** Reads a source to its end, in a process of its own: `source-reader.ts <uri> <folder> <allowed host>`. */
async function main([uri = '', root = '', host = '']: readonly string[]): Promise<void> {
  const source = await openSource({ uri }, sourceOptionsFor(root, { network: { allowedHosts: [host] } }));
  const hash = createHash('sha256');
  for await (const picture of source.pictures()) hash.update(await picture.bytes());
  process.stdout.write(hash.digest('hex'));
}

void main(process.argv.slice(2));
