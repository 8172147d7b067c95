import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { referencePages } from './pages';

/** Writes the reference: `node --import tsx tests/reference/write.ts`, into the folder that the site is built from. */
const folder = join(__dirname, '..', '..', 'site', '.content', 'reference');
mkdirSync(folder, { recursive: true });
for (const [name, page] of Object.entries(referencePages())) writeFileSync(join(folder, `${name}.md`), page);
process.exit(0);
