import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type LoadPicture, pictureRequests } from '../../lib/load/picture-requests';
import { medianOf } from '../figures';
import { pythonPeers } from '../peers';
import { agreementOf } from './agreement';
import { calibrate, type Calibrated } from './calibrate';
import { buildDrover, makeModel, readPhotographs } from './prepare';
import { type Figures, inRounds, type RunningSide, showFigures } from './rounds';
import { endAll, Service } from './service';
import { type Row, showMeasure } from './show';
import { type Side, sideNames, sidesOf, type Variant } from './contenders';

/** Requests a second, latencies, CPU and memory of the API beside services in Python. See bench/README.md. */

const shared = join(__dirname, '../../../shared/data');
const { values: options } = parseArgs({
  options: {
    cases: { type: 'string', default: 'cnn,openloop,mobilenet,start,limit' },
    sides: { type: 'string', default: sideNames.join(',') },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '6' },
    starts: { type: 'string', default: '5' },
    calibration: { type: 'string', default: '3' },
    port: { type: 'string', default: '8750' },
    pictures: { type: 'string', default: join(shared, 'animals10') },
    backbone: { type: 'string', default: join(shared, 'backbone/mobilenet_v2_035_224_features_tfjs') },
    cache: { type: 'string', default: join(homedir(), '.cache', 'drover', 'bench') },
    python: { type: 'string' },
    pillow: { type: 'string', default: 'draft' },
    out: { type: 'string', default: 'bench-serve.json' },
  },
});

const [rounds, seconds, firstPort] = [Number(options.rounds), Number(options.seconds), Number(options.port)];
const cases = options.cases.split(',');
const work = join(options.cache, 'serve');
/** Photographs on which first classes are compared: of twenty, one or two more or fewer would be chance. */
const compared = 100;
const leastSame = 0.9;
const results: Record<string, unknown> = {};

/** One network, and the sides that serve it. */
interface Served {
  readonly name: string;
  readonly home: string;
  readonly size: number;
  readonly photographs: readonly LoadPicture[];
  readonly requests: readonly Buffer[];
  readonly kept: readonly Calibrated[];
}

function start({ home, requests }: Pick<Served, 'home' | 'requests'>) {
  return async (side: Side, variant: Variant, port: number): Promise<Service> => {
    const [request] = requests;
    if (request === undefined) throw new Error('No pictures.');
    const { folder } = side;
    const [command, environment] = [variant.command(port), variant.environment(port)];
    const log = join(home, `${side.name}.log`);
    return Service.start({ command, environment, folder, port, log, request });
  };
}

/** Makes the network, and finds the best way to run each side. */
async function serve(name: 'cnn' | 'mobilenet', python: string): Promise<Served> {
  const home = join(work, name);
  console.log(`\n${name}: calibration, ${options.calibration} s at 16 connections`);
  makeModel(name, home, options.backbone);
  const photographs = readPhotographs(options.pictures, 200);
  // The address in a request is its path alone: the sides differ by their ports.
  const requests = pictureRequests({
    url: new URL('http://127.0.0.1/get_prediction'),
    pictures: photographs,
  });
  const served = { name, home, size: name === 'cnn' ? 48 : 224, photographs, requests };
  const sides = sidesOf(options.sides.split(','), {
    home,
    build: join(work, 'build'),
    python,
    mobilenet: name === 'mobilenet',
    pillow: options.pillow,
  });
  const kept: Calibrated[] = [];
  for (const side of sides) {
    const found = await calibrate(side, start(served), requests, Number(options.calibration), firstPort);
    if (found !== undefined) kept.push(found);
  }
  results[`${name}, kept`] = kept.map(({ side, variant }) => `${side.name}: ${variant.name}`);
  return { ...served, kept };
}

/** Starts all sides, does `work` with them, and stops them. */
async function withSides(
  served: Served,
  work: (sides: readonly RunningSide[]) => Promise<void>,
): Promise<void> {
  const sides: RunningSide[] = [];
  try {
    for (const [at, { side, variant }] of served.kept.entries()) {
      const service = await start(served)(side, variant, firstPort + 1 + at);
      sides.push({ name: side.name, service });
    }
    await work(sides);
  } finally {
    for (const { service } of sides) await service.stop();
  }
}

/** What is not the same service must not be measured as one. */
async function requireAgreement(served: Served, sides: readonly RunningSide[]): Promise<void> {
  const [ours, ...others] = sides;
  if (ours === undefined) return;
  for (const { name, service } of others) {
    const found = await agreementOf(
      ours.service.url,
      service.url,
      served.photographs.slice(0, compared),
      served.size,
    );
    console.log(
      `${name}: the same first class on ${found.same} of ${found.of}; on equal pixels within ${found.difference.toExponential(1)}`,
    );
    // MobileNetV2's weights in PyTorch are random ones.
    const random = served.name === 'mobilenet' && name !== 'fastapi-onnx' && !name.startsWith('drover');
    if (!random && (found.same < leastSame * found.of || !(found.difference < 1e-3)))
      throw new Error(`${name} answers otherwise.`);
  }
}

async function closed(served: Served, sides: readonly RunningSide[]): Promise<Map<number, Figures>> {
  const found = new Map<number, Figures>();
  for (const connections of [16, 64]) {
    const title = `${served.name}, ${connections} connections`;
    console.error(title);
    const figures = await inRounds(sides, served.requests, rounds, { connections, seconds });
    showFigures(title, figures);
    results[title] = figures;
    found.set(connections, figures);
  }
  return found;
}

async function open(served: Served, sides: readonly RunningSide[], known?: Figures): Promise<void> {
  const peer = sides.filter(({ name }) => name === 'fastapi');
  const measured = known ?? (await inRounds(peer, served.requests, rounds, { connections: 16, seconds }));
  const capacity = medianOf((measured.fastapi ?? []).map(({ perSecond }) => perSecond));
  if (!(capacity > 0)) {
    console.log(
      '\nopenloop is skipped: its rate is half of what fastapi answers at most, and fastapi is not among the sides.',
    );
    return;
  }
  const title = `${served.name}, ${(capacity / 2).toFixed(0)} requests/s, from when each was due`;
  const figures = await inRounds(sides, served.requests, rounds, { rate: capacity / 2, seconds });
  showFigures(title, figures);
  results.openloop = { rate: capacity / 2, figures };
}

async function starts(served: Served): Promise<void> {
  const found = served.kept.map(({ side }) => ({
    name: side.name,
    seconds: [] as number[],
    memory: [] as number[],
  }));
  for (let round = 0; round < Number(options.starts); round += 1) {
    for (const [at, { side, variant }] of served.kept.entries()) {
      const service = await start(served)(side, variant, firstPort + 1 + at);
      found[at]?.seconds.push(service.seconds);
      found[at]?.memory.push(service.memory());
      await service.stop();
    }
  }
  const rows = (of: 'seconds' | 'memory') => found.map((one): Row => ({ name: one.name, values: one[of] }));
  showMeasure('From the start of the process to its first answer', 'seconds', 2, rows('seconds'));
  showMeasure('Memory when ready (PSS of all processes)', 'MiB', 0, rows('memory'));
  results.start = found;
}

function limit({ name, home, size }: Served): void {
  const script = join(__dirname, 'limit.ts');
  const values = Array.from({ length: rounds }, () =>
    Number(
      execFileSync(
        process.execPath,
        ['--import', 'tsx', script, home, String(size), options.pictures, String(seconds)],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
      ),
    ),
  );
  showMeasure(`${name}: decoding and the network without HTTP`, 'pictures/s', 0, [
    { name: 'engine', values },
  ]);
  results[`${name}, limit`] = values;
}

async function main(): Promise<void> {
  const machine = `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
  console.log(`${machine}; ${rounds} rounds of ${seconds} s`);
  mkdirSync(work, { recursive: true });
  const requirements = join(__dirname, 'peers', 'requirements.txt');
  const python = options.python ?? (await pythonPeers(options.cache, requirements));
  buildDrover(join(work, 'build'));

  if (cases.some((one) => one !== 'mobilenet')) {
    const served = await serve('cnn', python);
    await withSides(served, async (sides) => {
      await requireAgreement(served, sides);
      const found = cases.includes('cnn') ? await closed(served, sides) : undefined;
      if (cases.includes('openloop')) await open(served, sides, found?.get(16));
    });
    if (cases.includes('start')) await starts(served);
    if (cases.includes('limit')) limit(served);
  }
  if (cases.includes('mobilenet')) {
    if (!existsSync(options.backbone)) console.log(`mobilenet is skipped: no folder ${options.backbone}`);
    else {
      const served = await serve('mobilenet', python);
      await withSides(served, async (sides) => {
        await requireAgreement(served, sides);
        await closed(served, sides);
      });
      console.log("\nMobileNetV2's weights in PyTorch are random ones, of the same shapes.");
      if (cases.includes('limit')) limit(served);
    }
  }

  mkdirSync(dirname(options.out), { recursive: true });
  writeFileSync(options.out, `${JSON.stringify({ machine, options, results }, null, 2)}\n`);
  console.log(`\nWritten to ${options.out}`);
}

function endWith(code: number): void {
  endAll();
  process.exit(code);
}

process.once('SIGINT', () => endWith(130));
process.once('SIGTERM', () => endWith(143));
main().catch((error: unknown) => {
  console.error(error);
  endWith(1);
});
