'use strict';

/** Files to pixels by @napi-rs/image, one after another; it does not pad. Argument: the folder that it is installed in. */
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { createInterface } = require('node:readline');

const { Transformer, FastResizeFilter, ResizeFit } = createRequire(join(process.argv[2], 'package.json'))(
  '@napi-rs/image',
);

async function work({ files, size }) {
  for (const file of files) {
    const picture = new Transformer(readFileSync(file));
    picture.fastResize({
      width: size,
      height: size,
      fit: ResizeFit.Inside,
      filter: FastResizeFilter.Lanczos3,
    });
    await picture.rawPixels();
  }
}

async function main() {
  for await (const line of createInterface({ input: process.stdin })) {
    const [start, before] = [process.hrtime.bigint(), process.cpuUsage()];
    await work(JSON.parse(line));
    const { user, system } = process.cpuUsage(before);
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    process.stdout.write(`${JSON.stringify({ seconds, cpu: (user + system) / 1e6 })}\n`);
  }
}

void main();
