'use strict';

/**
 * Keeps only the named packages of package.json's dependencies, so that `npm prune` takes the others, and
 * what only they needed, out of an image. A name that isn't there is an error: a list can't go stale unseen.
 *
 *     node keep-dependencies.cjs express sharp …      node keep-dependencies.cjs --not @tensorflow/tfjs-node-gpu …
 */
const { readFileSync, writeFileSync } = require('node:fs');

const inverted = process.argv[2] === '--not';
const named = process.argv.slice(inverted ? 3 : 2);
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

const unknown = named.filter((name) => !(name in manifest.dependencies));
if (unknown.length > 0) throw new Error(`Not among package.json's dependencies: ${unknown.join(', ')}`);

manifest.dependencies = Object.fromEntries(
  Object.entries(manifest.dependencies).filter(([name]) => named.includes(name) !== inverted),
);
delete manifest.devDependencies;
writeFileSync('package.json', JSON.stringify(manifest, null, 2));
