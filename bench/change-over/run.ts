import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { championAlias } from '../../contracts/names';
import { closedLoop, type LoadResult } from '../../lib/load/load';
import { pictureRequests } from '../../lib/load/picture-requests';
import { createRandom } from '../../lib/random';
import { createRegistry } from '../../lib/registry/registry';
import { createFolderStore } from '../../lib/storage/folder-store';
import { medianOf } from '../figures';
import { addVersion, moveChampion } from '../serve-chaos/disturbances';
import { buildDrover, makeModel, readPhotographs } from '../serve/prepare';
import { endAll, Service } from '../serve/service';
import { markdownTable } from '../table';
import { Answers } from './answers';

/** From the move of an alias to the first answer by the version it names, under load. See bench/README.md. */
const { values: options } = parseArgs({
  options: {
    moves: { type: 'string', default: '20' },
    connections: { type: 'string', default: '16' },
    port: { type: 'string', default: '8400' },
    pictures: { type: 'string', default: join(__dirname, '../../../shared/data/animals10') },
    cache: { type: 'string', default: join(homedir(), '.cache', 'drover', 'bench') },
    out: { type: 'string', default: 'bench-change-over.json' },
  },
});

const [moves, connections, port] = [Number(options.moves), Number(options.connections), Number(options.port)];
const work = join(options.cache, 'change-over');
const store = join(work, 'case', 'store');
const build = join(work, 'build');
const model = 'animals';

/** Milliseconds; what the bar says. */
const most = 2_000;
/** A version that does not answer by then never will. */
const patienceMs = 60_000;
/** Of load that nothing is measured in. */
const warmUpMs = 3_000;

/** @returns the digests of two versions, of which the first is the champion */
async function prepare(): Promise<Map<number, string>> {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  buildDrover(build);
  makeModel('cnn', join(work, 'case'), '');
  await addVersion(store, join(work, 'case', 'model.onnx'));
  const registry = createRegistry(createFolderStore(store));
  const digests = new Map<number, string>();
  for (const version of [1, 2]) {
    digests.set(version, (await registry.get(model, version)).model.onnx.sha256);
  }
  return digests;
}

function startApi(request: Buffer): Promise<Service> {
  return Service.start({
    command: [process.execPath, join(build, 'bin', 'drover.js'), 'api'],
    environment: {
      NODE_ENV: 'production',
      DROVER_HOME: join(work, 'home'),
      DROVER_STORE: store,
      DROVER_MODEL: model,
      DROVER_API_PORT: String(port),
      DROVER_LOG_LEVEL: 'info',
    },
    folder: build,
    port,
    log: join(work, 'api.log'),
    request,
  });
}

/** Moves the alias again and again. @returns milliseconds from each move's return to the first answer by the version that it named */
async function moveAll(answers: Answers): Promise<number[]> {
  const random = createRandom(1).fork('pauses');
  const took: number[] = [];
  await sleep(warmUpMs);
  for (let move = 0; move < moves; move += 1) {
    // The API looks each second: a pause that is always the same would always meet the same part of it.
    await sleep(1_000 + random.next() * 1_000);
    const version = await nextVersion();
    const answered = answers.nextOf(version);
    await moveChampion(store);
    const moved = performance.now();
    const first = await Promise.race([answered, sleep(patienceMs, Infinity, { ref: false })]);
    if (first === Infinity)
      throw new Error(`Version ${version} did not answer; see ${join(work, 'api.log')}`);
    took.push(first - moved);
    console.error(`move ${move + 1}: version ${version} answered after ${(first - moved).toFixed(0)} ms`);
  }
  return took;
}

/** The one of the two that the alias will be moved to. */
async function nextVersion(): Promise<number> {
  const found = await createRegistry(createFolderStore(store)).alias(model, championAlias);
  return found?.alias.version === 1 ? 2 : 1;
}

function show(took: readonly number[], load: LoadResult, answers: Answers): boolean {
  const requests = load.latencies.length + load.failed;
  const failed = requests - load.good;
  const longest = Math.max(...took);
  console.log(
    markdownTable(
      ['moves', 'median, ms', 'longest, ms', 'requests', 'a second', 'failed', 'mixed'],
      [
        [
          String(took.length),
          medianOf(took).toFixed(0),
          longest.toFixed(0),
          String(requests),
          (load.good / load.seconds).toFixed(0),
          String(failed),
          String(answers.mixed),
        ],
      ],
    ),
  );
  const machine = `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
  const statuses = Object.fromEntries(load.statuses);
  const versions = Object.fromEntries(answers.counts);
  const results = { took, requests, failed, mixed: answers.mixed, statuses, versions };
  writeFileSync(options.out, `${JSON.stringify({ machine, options, results }, null, 2)}\n`);
  console.log(`\n${machine}. Written to ${options.out}`);
  return longest <= most && failed === 0 && answers.mixed === 0;
}

async function main(): Promise<boolean> {
  const answers = new Answers(await prepare());
  const url = new URL(`http://127.0.0.1:${port}/get_prediction`);
  const requests = pictureRequests({ url, pictures: readPhotographs(options.pictures, 200) });
  const [request] = requests;
  if (request === undefined) throw new Error('There are no photographs to send.');
  const service = await startApi(request);
  const done = new AbortController();
  const isGood = (status: number, body: Buffer) => answers.look(status, body);
  const loading = closedLoop({ url, requests, connections, seconds: 3600, signal: done.signal, isGood });
  try {
    const took = await moveAll(answers);
    done.abort();
    return show(took, await loading, answers);
  } finally {
    done.abort();
    await loading;
    await service.stop();
  }
}

function endWith(code: number): void {
  endAll();
  process.exit(code);
}

process.once('SIGINT', () => endWith(130));
process.once('SIGTERM', () => endWith(143));
main().then(
  (holds) => endWith(holds ? 0 : 1),
  (error: unknown) => {
    console.error(error);
    endWith(1);
  },
);
