// Puts together what the site is built from, in .content/: docs/, the CHANGELOG, and the reference made from the code.
// On the way every link of every page is looked at: one that leads nowhere ends it, to a file or to a heading.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { anchorsOf } from './anchors.mjs';

const site = dirname(fileURLToPath(import.meta.url));
const root = resolve(site, '..');
const docs = join(root, 'docs');
const content = join(site, '.content');
/** Where the repository is to be read, such as https://github.com/owner/name; without it, links into it are only words. */
const repository = process.env.DOCS_REPOSITORY ?? '';

rmSync(content, { recursive: true, force: true });
mkdirSync(content, { recursive: true });
const made = spawnSync(process.execPath, ['--import', 'tsx', 'tests/reference/write.ts'], {
  cwd: root,
  stdio: 'inherit',
});
if (made.status !== 0) process.exit(made.status ?? 1);

/** Pages of the site that lie elsewhere in the repository. */
const also = {
  'CHANGELOG.md': 'changelog.md',
  'CONTRIBUTING.md': 'contributing.md',
  'README.md': 'readme.md',
};
/** Pages that only the site has. */
const generated = new Set(readdirSync(join(content, 'reference')).map((name) => join('reference', name)));
const dead = [];
/** Links to a heading: `place`, in the site, must have one with this address. */
const toHeadings = [];

/** Where a file of the repository is found in the site; undefined where it isn't. */
function inSite(path) {
  if (also[path]) return also[path];
  if (!path.startsWith(`docs/`)) return undefined;
  return path.slice('docs/'.length).replace(/(^|\/)README\.md$/, '$1index.md');
}

function link(page, text, address, image) {
  if (/^([a-z]+:|\/)/i.test(address)) return undefined;
  const [path, hash = ''] = address.split('#', 2);
  if (path === '') {
    toHeadings.push({ page, address, place: inSite(page), hash });
    return undefined;
  }
  const target = relative(root, resolve(dirname(join(root, page)), decodeURIComponent(path)));
  const reference = target.startsWith('docs/') && generated.has(target.slice('docs/'.length));
  if (!reference && !existsSync(join(root, target))) {
    dead.push(`${page}: ${address}`);
    return undefined;
  }
  const place = inSite(target);
  const isPage = place !== undefined && (reference || statSync(join(root, target)).isFile());
  if (isPage) {
    if (hash !== '' && place.endsWith('.md')) toHeadings.push({ page, address, place, hash });
    const from = dirname(inSite(page));
    const to = relative(from, place);
    return `${image}[${text}](${to.startsWith('.') ? to : `./${to}`}${hash && `#${hash}`})`;
  }
  if (repository === '') return text;
  const kind = statSync(join(root, target)).isDirectory() ? 'tree' : 'blob';
  return `[${text}](${repository}/${kind}/HEAD/${target})`;
}

/** A page with its links as the site needs them; code is left as it is. */
function staged(page, source) {
  let fenced = false;
  return source
    .split('\n')
    .map((line) => {
      if (/^\s*```/.test(line)) fenced = !fenced;
      if (fenced || /^ {4}/.test(line)) return line;
      return line
        .replace(
          /(!?)\[((?:[^\][]|\[[^\][]*\])*)\]\(([^()\s]+)\)/g,
          (all, image, text, address) => link(page, text, address, image) ?? all,
        )
        .replace(/<img src="(?![a-z]+:|\/)([^"]+)"/g, (all, address) => {
          const target = relative(docs, resolve(dirname(join(root, page)), address));
          if (!existsSync(join(docs, target))) dead.push(`${page}: ${address}`);
          const to = relative(dirname(inSite(page)), target);
          return `<img src="${to.startsWith('.') ? to : `./${to}`}"`;
        });
    })
    .join('\n');
}

function write(page) {
  const place = join(content, inSite(page));
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, staged(page, readFileSync(join(root, page), 'utf8')));
}

for (const each of readdirSync(docs, { recursive: true, withFileTypes: true })) {
  if (!each.isFile()) continue;
  const path = relative(root, join(each.parentPath ?? each.path, each.name));
  if (path.endsWith('.md')) write(path);
  else cpSync(join(root, path), join(content, relative('docs', path)), { recursive: true });
}
for (const page of Object.keys(also)) write(page);

const headings = new Map();
for (const { page, address, place, hash } of toHeadings) {
  const known = headings.get(place) ?? anchorsOf(readFileSync(join(content, place), 'utf8'));
  headings.set(place, known);
  if (!known.has(decodeURIComponent(hash))) dead.push(`${page}: ${address}: no such heading`);
}

if (dead.length > 0) {
  process.stderr.write(`Dead links:\n${dead.map((each) => `  ${each}`).join('\n')}\n`);
  process.exit(1);
}
