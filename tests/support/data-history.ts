import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { Failure } from '../../contracts/failures';
import type { PreparedRef } from '../../contracts/refs';
import type { ModelVersion } from '../../contracts/schemas/registry';
import type { IngestResult } from '../../contracts/schemas/results';
import { preprocessingSchema } from '../../contracts/schemas/preprocessing';
import { rememberPrepared } from '../../lib/data/latest-prepared';
import { preparationKey } from '../../lib/data/preparation';
import { createMemo } from '../../lib/memo/memo';
import { createRandom, type Random } from '../../lib/random';
import { digestOf, putJson } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';
import { datasetOf, ingestDataset, optionsFor, prepareDataset } from './datasets';

const names = ['pets', 'cars'] as const;
const labels = ['cat', 'dog', 'emu'] as const;

/** What has happened to a store: random ingests, preparations, trainings, with files that come, go and move. */
export class DataHistory {
  readonly models: Pick<ModelVersion, 'lineage'>[] = [];
  private readonly random: Random;
  private readonly ingested: { readonly name: string; readonly result: IngestResult }[] = [];
  private readonly prepared: {
    readonly manifest: IngestResult['manifest'];
    readonly prepared: PreparedRef;
  }[] = [];
  private files = 0;

  /** @param root - a folder for the sources */
  constructor(
    readonly store: Store,
    private readonly root: string,
    seed: string,
  ) {
    this.random = createRandom(seed);
  }

  /** Two sources of enough pictures that a model could be trained on each. */
  async begin(): Promise<void> {
    for (const name of names) for (const label of labels) await this.addPictures(name, label, 9);
  }

  /** One thing that happens. */
  async step(): Promise<void> {
    const name = this.pick(names);
    const steps = [
      () => this.addPictures(name, this.pick(labels), 1 + this.random.int(4)),
      () => this.addOddFiles(name),
      () => this.removeFile(name),
      () => this.moveFile(name),
      () => this.ingest(name),
      () => this.ingest(name),
      () => this.ingestStopped(name),
      () => this.prepare(),
      () => this.prepare(),
      () => this.train(),
    ];
    await this.pick(steps)();
  }

  async ingest(name: string, signal?: AbortSignal): Promise<void> {
    const dataset = datasetOf(path.join(this.root, name), { name });
    const options = { ...optionsFor(this.root), ...(signal && { signal }) };
    try {
      const result = await ingestDataset(this.store, dataset, options);
      await createMemo(this.store).record('ingest', digestOf({ result, files: this.files }), result);
      this.ingested.push({ name, result });
    } catch (error) {
      // Too few of a class by chance, or stopped: what was put into the store by then stays there.
      if (signal?.aborted !== true && !(error instanceof Failure && error.type === 'dataset-invalid'))
        throw error;
    }
  }

  private async ingestStopped(name: string): Promise<void> {
    await this.addPictures(name, this.pick(labels), 3);
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('stopped')), this.random.int(60));
    await this.ingest(name, stop.signal);
  }

  async prepare(): Promise<void> {
    const ingested = this.ingested.at(-1 - this.random.int(3));
    if (ingested === undefined) return;
    const { name, result } = ingested;
    // What has been cleaned away cannot be prepared.
    if (!(await this.store.exists(result.manifest.uri.replace('store://', '')))) return;
    const preprocessing = preprocessingSchema.parse({ size: this.pick([8, 16]) });
    const { prepared } = await prepareDataset(this.store, result, preprocessing, name);
    this.prepared.push({ manifest: result.manifest, prepared });
    // A preparation that was killed at its end has no memo.
    if (this.random.int(4) > 0) {
      const key = preparationKey(result.manifest, preprocessing);
      await createMemo(this.store).record('preprocess', key, { prepared, pictures: 1, rejected: 0 });
    }
    if (this.random.int(3) === 0) await rememberPrepared(this.store, prepared);
  }

  /** A run's result, and sometimes a model registered from it. */
  private async train(): Promise<void> {
    const of = this.prepared.at(-1 - this.random.int(3));
    if (of === undefined || !(await this.store.exists(of.prepared.uri.replace('store://', '')))) return;
    const run = `run${this.files}-${this.random.int(1e6)}`;
    const result = await putJson<'run'>(this.store, `runs/${run}/result.json`, {
      run,
      prepared: of.prepared,
    });
    if (this.random.int(3) === 0) this.models.push({ lineage: { run, result, ...of } });
  }

  async addPictures(name: string, label: string, count: number): Promise<void> {
    const folder = path.join(this.root, name, label);
    await mkdir(folder, { recursive: true });
    for (let n = 0; n < count; n += 1) {
      this.files += 1;
      const pixels = Buffer.from(Array.from({ length: 12 * 12 * 3 }, () => this.random.int(256)));
      const picture = sharp(pixels, { raw: { width: 12, height: 12, channels: 3 } });
      await picture.png().toFile(path.join(folder, `${this.files}.png`));
    }
  }

  /** Files that an ingest leaves out, some of them after it has put them into the store. */
  async addOddFiles(name: string): Promise<void> {
    const folder = path.join(this.root, name, this.pick(labels));
    this.files += 1;
    await mkdir(folder, { recursive: true });
    const tiny = sharp({
      create: { width: 3, height: 3, channels: 3, background: `#${1000 + this.random.int(8999)}00` },
    });
    await tiny.png().toFile(path.join(folder, `tiny-${this.files}.png`));
    const cut = sharp({
      create: { width: 40, height: 40, channels: 3, background: `#${1000 + this.random.int(8999)}00` },
    });
    await writeFile(path.join(folder, `cut-${this.files}.png`), (await cut.png().toBuffer()).subarray(0, 60));
    await writeFile(path.join(folder, `notes-${this.files}.txt`), 'no picture');
  }

  private async filesOf(name: string): Promise<string[]> {
    const found = await readdir(path.join(this.root, name), { recursive: true });
    return found.filter((file) => file.endsWith('.png')).sort();
  }

  private async removeFile(name: string): Promise<void> {
    await rm(path.join(this.root, name, this.pick(await this.filesOf(name))));
  }

  /** To another class. */
  private async moveFile(name: string): Promise<void> {
    const file = this.pick(await this.filesOf(name));
    this.files += 1;
    const to = path.join(this.root, name, this.pick(labels), `moved-${this.files}.png`);
    await rename(path.join(this.root, name, file), to);
  }

  private pick<T>(items: readonly T[]): T {
    const item = items[this.random.int(items.length)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }
}
