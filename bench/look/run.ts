import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { driftSettingsSchema } from '../../contracts/schemas/drift';
import type { ModelVersion } from '../../contracts/schemas/registry';
import { createLogger } from '../../lib/logging/logger';
import { lookForDrift } from '../../lib/monitor/look';
import { SpoolCounts } from '../../lib/predictions/counts';
import { startShipper } from '../../lib/predictions/ship';
import { createFolderStore } from '../../lib/storage/folder-store';
import type { Store } from '../../lib/storage/store';
import { answerRecord, testSpool } from '../../tests/support/kept';
import { noisePicture } from '../../tests/support/noise-picture';
import { registerBars } from '../../tests/support/registered-bars';
import { markdownTable } from '../table';

/** How a look for drift grows with the predictions of its window: time and memory. `npm run bench -- look --predictions 1000,10000,100000` */
const { values: options } = parseArgs({
  options: { predictions: { type: 'string', default: '1000,10000,100000' } },
});

/** Keeps answers to so many pictures of noise, 64 × 48, each its own, as the API does, and ships them. */
async function keep(store: Store, home: string, version: ModelVersion, count: number): Promise<void> {
  const folder = join(home, 'spool');
  const counts = new SpoolCounts();
  const logger = createLogger({ level: 'error', service: 'bench' });
  for (let from = 0; from < count; from += 5000) {
    const spool = testSpool(folder, { counts });
    for (let at = from; at < Math.min(count, from + 5000); at += 1) {
      const picture = await noisePicture(`look ${at}`, { patches: 8, width: 64, height: 48, quality: 75 });
      const model = { name: 'animals', version: 1, digest: version.model.onnx.sha256 };
      const probabilities = { lies: 0.5, square: 0.3, stands: 0.2 };
      spool.keep(answerRecord({ model, prediction: 'lies', probabilities }), picture);
    }
    spool.close();
    const shipper = startShipper({ folder, store, counts, keepDays: 0, logger, intervalMs: 3_600_000 });
    await shipper.ship();
    await shipper.close();
  }
}

async function measure(count: number): Promise<readonly string[]> {
  const home = mkdtempSync(join(tmpdir(), 'drover-look-'));
  try {
    const store = createFolderStore(join(home, 'store'));
    // Of one layer: what is measured is the reading, not the network.
    const version = await registerBars(store, { train: 30, validation: 700, test: 400 });
    const began = new Date();
    await keep(store, home, version, count);
    const seconds: number[] = [];
    // The first makes the reference as well.
    for (const id of ['first', 'second']) {
      const from = performance.now();
      const { window } = await lookForDrift(store, version, {
        ...{ id, workflow: 'bench', at: new Date().toISOString(), model: 'animals', version: 1 },
        ...{ dryRun: false, policy: 'alert', most: 1000, reference: 1000, pictures: 24, keep: 10 },
        ...{ since: began.toISOString(), until: new Date().toISOString() },
        drift: driftSettingsSchema.parse({}),
      });
      seconds.push((performance.now() - from) / 1000);
      if (window.predictions !== count) throw new Error(`${window.predictions} of ${count} were found`);
    }
    const memory = process.resourceUsage().maxRSS / 1024;
    return [
      count.toLocaleString('en'),
      ...seconds.map((value) => value.toFixed(1)),
      `${memory.toFixed(0)} MiB`,
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const rows: (readonly string[])[] = [];
  for (const count of options.predictions.split(',').map(Number)) rows.push(await measure(count));
  console.log(
    markdownTable(['predictions', 'first look, s', 'the next, s', 'most memory of the process'], rows),
  );
}

void main();
