import { writeFile } from 'node:fs/promises';
import { clientTypes, typesFile } from './client-types';

/** `npm run client`: after a change to what the API takes or answers. */
async function main(): Promise<void> {
  await writeFile(typesFile, await clientTypes());
}

void main();
