import { cpSync, rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { buildDrover } from '../serve/prepare';
import { Installation } from './installation';
import { Log } from './log';
import { InstallationRun } from './run-installation';
import { apart, embedded, makeSchedule } from './schedule';

/**
 * Whole pipelines while processes are killed and paused, connections fail and the disk is full; what was promised is looked at between.
 * `npm run -s bench -- chaos --minutes 60 --faults 100 --seed 1`
 */
const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    faults: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    // embedded, apart or both, one after the other
    on: { type: 'string', default: 'both' },
    port: { type: 'string', default: '8750' },
    cache: { type: 'string', default: join(homedir(), '.cache', 'drover', 'bench') },
    log: { type: 'string', default: 'chaos.log' },
    // Takes the build of the last time.
    built: { type: 'boolean', default: false },
    // Leaves the folders, with logs, as they are in the end.
    keep: { type: 'boolean', default: false },
    // Only says what would be done.
    plan: { type: 'boolean', default: false },
  },
});

const [minutes, faults] = [Number(options.minutes), Number(options.faults)];
const kinds = (['embedded', 'apart'] as const).filter((kind) => options.on === 'both' || options.on === kind);

function schedules() {
  let first = 1;
  return kinds.map((kind, index) => {
    const count =
      Math.floor((faults * (index + 1)) / kinds.length) - Math.floor((faults * index) / kinds.length);
    const schedule = makeSchedule({
      ...{ seed: `${options.seed} ${kind}`, kinds: kind === 'embedded' ? embedded : apart },
      ...{ faults: count, minutes: minutes / kinds.length, first },
    });
    first += count;
    return { kind, schedule };
  });
}

/** Squares of one colour each: what they are is no matter, only that they are answered. */
function pictures(): Promise<Buffer[]> {
  const colours = ['#b33', '#3b3', '#33b', '#bb3', '#3bb'];
  return Promise.all(
    colours.map((background) =>
      sharp({ create: { width: 64, height: 64, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );
}

function build(folder: string): void {
  if (options.built) return;
  buildDrover(folder);
  cpSync(join(__dirname, '..', '..', 'configs'), join(folder, 'configs'), { recursive: true });
  // Workers are started again and again, and at once where the workflows are bundled.
  execFileSync(process.execPath, [join(folder, 'dist', 'workers', 'build-bundle.js')], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

let running: Installation | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    running?.kill();
    process.exit(130);
  });
}

async function main(): Promise<void> {
  if (kinds.length === 0 || !(minutes > 0) || !(faults >= 1)) {
    throw new Error('Expected --on embedded, apart or both, and --minutes and --faults above 0.');
  }
  if (options.plan) {
    console.log(JSON.stringify(schedules(), null, 2));
    return;
  }
  const work = join(options.cache, 'chaos');
  const log = new Log(options.log);
  build(join(work, 'build'));
  log.say(`seed ${options.seed}: ${faults} faults in ${minutes} minutes`);
  const requests: string[] = [];
  for (const { kind, schedule } of schedules()) {
    const folder = join(work, kind);
    const installation = new Installation({
      ...{ kind, folder, build: join(work, 'build'), firstPort: Number(options.port) },
      minutes: minutes / kinds.length,
    });
    running = installation;
    const run = new InstallationRun({
      ...{ installation, faults: schedule, seed: options.seed, pictures: await pictures(), log },
    });
    requests.push(...(await run.run()));
    if (!options.keep && log.failures === 0) rmSync(folder, { recursive: true, force: true });
  }
  log.say(`ended: ${faults} faults, ${log.failures} promises broken`);
  log.summary(requests);
  process.exitCode = log.failures === 0 ? 0 : 1;
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
