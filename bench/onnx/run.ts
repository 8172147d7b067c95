import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runResultSchema, type RunResult } from '../../contracts/schemas/documents';
import { exportSchema, type Forms } from '../../contracts/schemas/forms';
import { openPrepared } from '../../lib/data/prepared-set';
import { makeForms } from '../../lib/forms/make-forms';
import { openStore } from '../../lib/storage/open-store';
import { readRef } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';
import { Contestant } from '../contestant';
import { medianOf, ratioOfMedians } from '../figures';
import { pythonPeers } from '../peers';
import { markdownTable } from '../table';
import { parityOf } from './parity';

/** A run's ONNX form: is it what was trained, how fast does it answer, and what do float16 and int8 make of it? See bench/README.md. */
const cache = join(homedir(), '.cache', 'drover', 'bench');
const { values: options } = parseArgs({
  options: {
    /** Where `npm run bench -- accuracy --cases fine-tune` leaves its runs. */
    store: { type: 'string', default: join(cache, 'accuracy', 'home', 'store') },
    run: { type: 'string' },
    pictures: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '11' },
    threads: { type: 'string', default: '1' },
    work: { type: 'string', default: join(cache, 'onnx') },
  },
});

async function main(): Promise<void> {
  const store = openStore(options.store, {});
  const result = await runOf(store, options.run);
  console.log(`run ${result.run}: ${JSON.stringify(result.config.network)}`);
  const set = await openPrepared(store, result.prepared);
  // Not whether the answers are right, so that the test pictures may be among them.
  const splits = await Promise.all((['train', 'validation', 'test'] as const).map((name) => set.load(name)));
  const images = Buffer.concat(splits.map((split) => split.images));
  const size = images.length / splits.reduce((sum, split) => sum + split.count, 0);
  const count = Math.min(Number(options.pictures), images.length / size);
  const onnx = await readRef(store, result.model.onnx);
  const parity = await parityOf(store, result.model, onnx, images, count);
  console.log(
    `\nTensorFlow beside ONNX Runtime on ${parity.pictures} photographs: no probability differs by more than ` +
      `${parity.furthest.toExponential(1)}; the same first class of ${parity.agreeing}.`,
  );
  const { model, prepared } = result;
  const rules = exportSchema.parse({ forms: ['float16', 'int8'] });
  const { forms } = await makeForms({ store, model, prepared, rules });
  mkdirSync(options.work, { recursive: true });
  const pictures = join(options.work, 'pictures.u8');
  writeFileSync(pictures, images.subarray(0, 20 * size));
  await latencies(store, forms, pictures);
}

/** @throws Error where the store has no such run. */
async function runOf(store: Store, wanted: string | undefined): Promise<RunResult> {
  const found: RunResult[] = [];
  for await (const key of store.list('runs/')) {
    if (!key.endsWith('/result.json')) continue;
    const result = runResultSchema.parse(JSON.parse((await store.read(key)).toString()));
    const { network } = result.config;
    const isTuned = network.name === 'transfer' && network.fine_tune !== undefined;
    if (wanted === undefined ? isTuned : result.run === wanted) found.push(result);
  }
  const [best] = found.sort((one, other) => one.best.validation_loss - other.best.validation_loss);
  if (best) return best;
  throw new Error(`${options.store} has no such run. First: npm run bench -- accuracy --cases fine-tune`);
}

/** Every form in Node and in Python, in turn. */
async function latencies(store: Store, { forms, pictures: judged }: Forms, pictures: string): Promise<void> {
  const python = await pythonPeers(cache, join(__dirname, 'peers', 'requirements.txt'));
  const sides: Contestant[] = [];
  for (const { form, model } of forms) {
    const file = join(options.work, `${form}.onnx`);
    writeFileSync(file, await readRef(store, model));
    const given = [file, pictures, options.threads] as const;
    const drover = ['--import', 'tsx', join(__dirname, 'drover.ts'), ...given] as const;
    sides.push(new Contestant({ name: `${form} node`, command: [process.execPath, ...drover] }));
    const peer = join(__dirname, 'peers', 'onnx_runtime.py');
    sides.push(new Contestant({ name: `${form} python`, command: [python, '-B', peer, ...given] }));
  }
  const times = new Map<string, number[]>(sides.map(({ name }) => [name, []]));
  const asked = 60;
  for (let round = -2; round < Number(options.rounds); round += 1) {
    for (const side of sides) {
      const { seconds } = await side.measure({ pictures: asked });
      if (round >= 0) times.get(side.name)?.push((seconds / asked) * 1000);
    }
  }
  for (const side of sides) side.stop();
  const of = (name: string): number[] => times.get(name) ?? [];
  const told = (ours: readonly number[], theirs: readonly number[]): string => {
    const { ratio, low, high } = ratioOfMedians(ours, theirs);
    return `${ratio.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
  };
  const rows = forms.map(({ form, bytes, accuracy, agreement, kept }) => [
    form,
    `${(bytes / 1024).toFixed(0)} KiB`,
    medianOf(of(`${form} node`)).toFixed(2),
    told(of(`${form} node`), of(`${form} python`)),
    told(of('float32 node'), of(`${form} node`)),
    accuracy.toFixed(3),
    agreement.toFixed(3),
    kept ? 'yes' : 'no',
  ]);
  const headings = [
    'form',
    'size',
    'ms a picture',
    'of Python',
    'times float32',
    'accuracy',
    'as float32',
    'kept',
  ];
  console.log(
    `\n${options.threads} thread, ${options.rounds} rounds in turn; accuracy on ${judged} validation pictures\n`,
  );
  console.log(markdownTable(headings, rows));
}

void main();
