#!/usr/bin/env node
'use strict';

// From a checkout the TypeScript sources run as they are (through tsx); an image carries only dist/.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
const source = join(root, 'cli', 'main.ts');

if (existsSync(source)) {
  require('tsx');
  require(source);
} else {
  require(join(root, 'dist', 'cli', 'main.js'));
}
