#!/usr/bin/env node
'use strict';

// The pinned Temporal CLI for whoever has none of their own: `npx temporal …`. See bin/drover.js.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
const source = join(root, 'native', 'temporal.ts');

if (existsSync(source)) {
  require('tsx');
  require(source);
} else {
  require(join(root, 'dist', 'native', 'temporal.js'));
}
