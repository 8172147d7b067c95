import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** `npm run bench -- <name> …`: each folder beside this file that has a `run.ts` is a bench. */
const [name, ...rest] = process.argv.slice(2);
const benches = readdirSync(__dirname).filter((folder) => existsSync(join(__dirname, folder, 'run.ts')));

if (name === undefined || !benches.includes(name)) {
  console.error(`Which bench? npm run bench -- ${benches.join(' | ')}`);
  process.exitCode = 1;
} else {
  // The bench reads its own arguments, as if it had been started by itself.
  const file = join(__dirname, name, 'run.ts');
  process.argv = [process.argv[0] ?? 'node', file, ...rest];
  void import(pathToFileURL(file).href);
}
