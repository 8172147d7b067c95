'use strict';

/**
 * The notes of a release: what CHANGELOG.md says of its version, on standard output.
 *
 *     node .ci/release-notes.cjs v1.2.3
 */
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

/**
 * @param {string} tag such as `v1.2.3`
 * @param {string} version of package.json
 * @param {string} changelog whose versions are headings, `## 1.2.3` with what one likes after it
 * @returns {string} the part of that version, without its heading
 * @throws {Error} where the tag is not the version's, or nothing is said of it
 */
function releaseNotes(tag, version, changelog) {
  if (tag !== `v${version}`) {
    throw new Error(`The tag is ${tag}, and package.json says ${version}: expected the tag v${version}.`);
  }
  const parts = changelog.split(/^## /m).slice(1);
  const part = parts.find((each) => each.split(/[\s:,(]/, 1)[0] === version);
  if (part === undefined) {
    const found = parts.map((each) => each.split('\n', 1)[0]).join('; ');
    throw new Error(
      `CHANGELOG.md has no heading "## ${version}" (found: ${found}). Name its part before the tag is set.`,
    );
  }
  const notes = part.slice(part.indexOf('\n')).trim();
  if (notes === '') throw new Error(`CHANGELOG.md says nothing of ${version}.`);
  return `${notes}\n`;
}

module.exports = { releaseNotes };

if (require.main === module) {
  const root = join(__dirname, '..');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  try {
    process.stdout.write(
      releaseNotes(process.argv[2] ?? '', version, readFileSync(join(root, 'CHANGELOG.md'), 'utf8')),
    );
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
