import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../../lib/random';
import { Contestant } from '../contestant';
import { medianOf, ratioOfMedians } from '../figures';
import { npmPeers, pythonPeers } from '../peers';
import { markdownTable } from '../table';

/**
 * Pictures a second, from files to padded squares, beside a PyTorch DataLoader with Pillow and tf.data; then the
 * decode step alone, in CPU time. See bench/README.md.
 */

const { values: options } = parseArgs({
  options: {
    pictures: { type: 'string', default: join(__dirname, '../../../shared/data/animals10') },
    rounds: { type: 'string', default: '9' },
    count: { type: 'string', default: '600' },
    sizes: { type: 'string', default: '48,224' },
    cache: { type: 'string', default: join(homedir(), '.cache', 'drover', 'bench') },
    out: { type: 'string', default: 'bench-preprocess.json' },
  },
});

interface Row {
  readonly name: string;
  /** One value a round. */
  readonly values: number[];
}

const peersFolder = join(__dirname, 'peers');
const quiet = { TF_CPP_MIN_LOG_LEVEL: '3' };

function findPictures(folder: string): string[] {
  if (!existsSync(folder)) {
    throw new Error(`No folder ${folder}. Pass one of JPEG photographs: --pictures <folder>`);
  }
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.jpe?g$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (found.length === 0) throw new Error(`No .jpg in ${folder}. Pass another folder: --pictures <folder>`);
  return createRandom(1).fork('pictures').shuffle(found);
}

/** The pictures of a round: the same for all contestants, and others than the round's before. */
function picturesOf(round: number, pictures: readonly string[], count: number): string[] {
  return Array.from({ length: count }, (_, at) => pictures[(round * count + at) % pictures.length] ?? '');
}

/**
 * Warms each up, then lets all run in every round, each round beginning with another one.
 *
 * @param valueOf - What counts, of one run.
 */
async function inTurn(
  contestants: readonly Contestant[],
  pictures: readonly string[],
  size: number,
  valueOf: (measured: { readonly seconds: number; readonly cpu: number }, count: number) => number,
): Promise<Row[]> {
  const [rounds, count] = [Number(options.rounds), Number(options.count)];
  const rows = contestants.map(({ name }): Row => ({ name, values: [] }));
  for (let round = -1; round < rounds; round += 1) {
    const files = picturesOf(Math.max(0, round), pictures, count);
    for (let turn = 0; turn < contestants.length; turn += 1) {
      const at = (turn + Math.max(0, round)) % contestants.length;
      const value = valueOf(
        (await contestants[at]?.measure({ files, size })) ?? { seconds: NaN, cpu: NaN },
        count,
      );
      if (round >= 0) rows[at]?.values.push(value);
    }
  }
  return rows;
}

function show(title: string, unit: string, decimals: number, rows: readonly Row[]): void {
  const [ours, ...others] = rows;
  if (ours === undefined) return;
  const cells = [ours, ...others].map(({ name, values }) => {
    const { ratio, low, high } = ratioOfMedians(ours.values, values);
    const range = `${Math.min(...values).toFixed(decimals)}–${Math.max(...values).toFixed(decimals)}`;
    const versus = name === ours.name ? ['', ''] : [ratio.toFixed(2), `${low.toFixed(2)}–${high.toFixed(2)}`];
    return [name, medianOf(values).toFixed(decimals), range, ...versus];
  });
  console.log(`\n${title}\n`);
  console.log(markdownTable(['', unit, 'range', 'Drover / it', '95 % of it'], cells));
}

async function main(): Promise<void> {
  const pictures = findPictures(options.pictures);
  const python = await pythonPeers(options.cache, join(__dirname, '..', 'python', 'requirements.txt'));
  const npm = await npmPeers(options.cache, join(peersFolder, 'package.json'));
  const cores = availableParallelism();
  const machine = `${cores} cores, ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
  console.log(
    `${pictures.length} pictures of ${options.pictures}; ${machine}; ${options.rounds} rounds of ${options.count}`,
  );

  const drover = (name: string, ...args: string[]) =>
    new Contestant({
      name,
      command: [process.execPath, '--import', 'tsx', join(__dirname, 'drover.ts'), ...args],
    });
  const peer = (name: string, script: string, ...args: string[]) =>
    new Contestant({ name, command: [python, join(peersFolder, script), ...args], environment: quiet });

  const results: Record<string, readonly Row[]> = {};
  const compare = async (
    title: string,
    size: number,
    contestants: readonly Contestant[],
    perSecond: boolean,
  ): Promise<void> => {
    const rows = await inTurn(contestants, pictures, size, ({ seconds, cpu }, count) =>
      perSecond ? count / seconds : (cpu / count) * 1e3,
    );
    for (const contestant of contestants) contestant.stop();
    show(title, perSecond ? 'pictures/s' : 'ms of CPU', perSecond ? 0 : 2, rows);
    results[title] = rows;
  };

  for (const size of options.sizes.split(',').map(Number)) {
    await compare(
      `Files to ${size} × ${size}, all cores`,
      size,
      [
        drover('Drover', 'decode', '8'),
        ...[0, 1, 2].map((workers) =>
          peer(`DataLoader and Pillow, ${workers} workers`, 'torch_loader.py', String(workers)),
        ),
        peer('tf.data, all pixels, antialiased', 'tf_data.py', 'full'),
        peer('tf.data, scaled decoding, antialiased', 'tf_data.py', 'ratio'),
        peer('tf.data, scaled decoding, not antialiased', 'tf_data.py', 'ratio-plain'),
      ],
      true,
    );
    await compare(
      `One picture to ${size} × ${size}, CPU time, one at a time`,
      size,
      [
        drover('Drover', 'decode', '1'),
        drover('Drover, examination', 'examine', '1'),
        drover('sharp', 'sharp', '1'),
        new Contestant({
          name: '@napi-rs/image',
          command: [process.execPath, join(peersFolder, 'napi-image.cjs'), npm],
        }),
        peer('Pillow', 'one_thread.py', 'pillow'),
        peer('Pillow, draft', 'one_thread.py', 'pillow-draft'),
        peer('TensorFlow', 'one_thread.py', 'tf'),
        peer('TensorFlow, ratio', 'one_thread.py', 'tf-ratio'),
        peer('TensorFlow, decoding alone', 'one_thread.py', 'tf-decode'),
        peer('TensorFlow, decoding alone, ratio', 'one_thread.py', 'tf-decode-ratio'),
      ],
      false,
    );
  }

  await mkdir(dirname(options.out), { recursive: true });
  await writeFile(options.out, `${JSON.stringify({ machine, options, results }, null, 2)}\n`);
  console.log(`\nWritten to ${options.out}`);
}

void main();
