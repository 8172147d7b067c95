#!/usr/bin/env node
'use strict';

// From a checkout the TypeScript sources run as they are (through tsx); an image carries only dist/.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

// ONNX Runtime reports how it is used unless it is told not to. Nobody was asked, so nothing is sent.
process.env.ORT_DISABLE_TELEMETRY ??= '1';

const root = join(__dirname, '..');
const source = join(root, 'cli', 'main.ts');

if (existsSync(source)) {
  require('tsx');
  require(source).run();
} else {
  require(join(root, 'dist', 'cli', 'main.js')).run();
}
