'use strict';

/** Removes from node_modules what this image can never load: other platforms' binaries, bundlers' builds, source maps, types. */
const { existsSync, readdirSync, rmSync } = require('node:fs');
const { join } = require('node:path');

const target = {
  'linux-x64': 'x86_64-unknown-linux-gnu',
  'linux-arm64': 'aarch64-unknown-linux-gnu',
}[`${process.platform}-${process.arch}`];
if (target === undefined) throw new Error(`No image is made for ${process.platform}-${process.arch}`);

/** Removes the entries of a folder, where there is one, but for the one that is meant. */
function keepOnly(folder, kept) {
  if (!existsSync(folder)) return;
  if (!existsSync(join(folder, kept))) throw new Error(`${folder} has no ${kept}`);
  for (const entry of readdirSync(folder)) {
    if (entry !== kept) rmSync(join(folder, entry), { recursive: true });
  }
}

keepOnly('node_modules/@temporalio/core-bridge/releases', target);
keepOnly('node_modules/onnxruntime-node/bin/napi-v6', process.platform);
keepOnly(`node_modules/onnxruntime-node/bin/napi-v6/${process.platform}`, process.arch);
keepOnly('node_modules/@julusian/jpeg-turbo/prebuilds', `jpeg-turbo-${process.platform}-${process.arch}`);

// The same code twice more, for bundlers: Node loads build/src.
const traces = 'node_modules/@opentelemetry';
for (const name of existsSync(traces) ? readdirSync(traces) : []) {
  for (const build of ['esm', 'esnext'])
    rmSync(join(traces, name, 'build', build), { recursive: true, force: true });
}

for (const file of readdirSync('node_modules', { recursive: true })) {
  if (/\.(d\.[cm]?ts|map)$/.test(file)) rmSync(join('node_modules', file));
}
