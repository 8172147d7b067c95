import { join } from 'node:path';

/** One way to run a side. */
export interface Variant {
  readonly name: string;
  readonly command: (port: number) => readonly string[];
  readonly environment: (port: number) => Readonly<Record<string, string>>;
}

export interface Side {
  readonly name: string;
  /** Tried before anything is measured; the best is kept. */
  readonly variants: readonly Variant[];
  readonly folder: string;
}

export interface SidePlaces {
  /** The case's folder: the store, the network's ONNX form and weights; see `make-model.ts`. */
  readonly home: string;
  /** The folder of Drover's build. */
  readonly build: string;
  readonly python: string;
  readonly mobilenet: boolean;
  /** How Pillow decodes JPEGs: `draft`, at the least size that will do, its fastest; `thumbnail`, at twice the wanted one, as its `thumbnail` does; `full`, all of it, with Lanczos, as Drover. */
  readonly pillow: string;
}

export const sideNames = [
  'drover',
  'drover-unkept',
  'fastapi',
  'fastapi-onnx',
  'litserve',
  'bentoml',
] as const;
export type SideName = (typeof sideNames)[number];

const peers = join(__dirname, 'peers');

function drover({ home, build }: SidePlaces, name: SideName, keep: string): Side {
  return {
    name,
    folder: build,
    variants: [
      {
        name: 'as it comes',
        command: () => [process.execPath, join(build, 'bin', 'drover.js'), 'api'],
        environment: (port) => ({
          NODE_ENV: 'production',
          DROVER_HOME: join(home, name),
          DROVER_STORE: join(home, 'store'),
          DROVER_API_PORT: String(port),
          DROVER_KEEP_PREDICTIONS: keep,
          DROVER_LOG_LEVEL: 'warn',
        }),
      },
    ],
  };
}

/** What every Python side has to know. */
function peerEnvironment({ home, mobilenet, pillow }: SidePlaces): Record<string, string> {
  return {
    BENCH_HOME: home,
    BENCH_CASE: mobilenet ? 'mobilenet' : 'cnn',
    BENCH_SIZE: mobilenet ? '224' : '48',
    BENCH_CHANNELS: mobilenet ? '3' : '1',
    BENCH_PILLOW: pillow,
    PYTHONDONTWRITEBYTECODE: '1',
    OMP_NUM_THREADS: '1',
  };
}

function fastapi(places: SidePlaces, name: SideName, engine: 'torch' | 'onnx'): Side {
  const command = (port: number) =>
    [places.python, '-m', 'uvicorn', 'fastapi_app:app', '--host', '127.0.0.1', '--port', String(port)].concat(
      [
        '--workers',
        '2',
        '--loop',
        'uvloop',
        '--http',
        'httptools',
        '--no-access-log',
        '--log-level',
        'warning',
      ],
    );
  const variants = ['sync', 'async'].map((handler) => ({
    name: `2 workers, ${handler} handler`,
    command,
    environment: () => ({ ...peerEnvironment(places), BENCH_ENGINE: engine, BENCH_HANDLER: handler }),
  }));
  return { name, folder: peers, variants };
}

function litserve(places: SidePlaces): Side {
  const variants = [
    { workers: 1, batch: 1, servers: 1 },
    { workers: 2, batch: 1, servers: 1 },
    { workers: 2, batch: 1, servers: 2 },
    { workers: 1, batch: 8, servers: 1 },
    { workers: 2, batch: 8, servers: 2 },
    { workers: 2, batch: 16, servers: 2 },
  ].map(({ workers, batch, servers }) => ({
    name: `${workers} workers, batches of ${batch}, ${servers} API servers`,
    command: () => [places.python, 'litserve_app.py'],
    environment: (port: number) => ({
      ...peerEnvironment(places),
      BENCH_PORT: String(port),
      BENCH_WORKERS: String(workers),
      BENCH_BATCH: String(batch),
      BENCH_SERVERS: String(servers),
    }),
  }));
  return { name: 'litserve', folder: peers, variants };
}

function bentoml(places: SidePlaces): Side {
  const bin = join(places.python, '..', 'bentoml');
  const variants = [1, 2].map((workers) => ({
    name: `${workers} workers`,
    command: (port: number) => [
      bin,
      'serve',
      'bentoml_app:Classifier',
      '--port',
      String(port),
      '--host',
      '127.0.0.1',
    ],
    environment: () => ({
      ...peerEnvironment(places),
      BENTOML_HOME: join(places.home, 'bentoml'),
      BENTOML_DO_NOT_TRACK: 'true',
      BENTOML_CONFIG_OPTIONS: 'api_server.logging.access.enabled=false',
      BENCH_WORKERS: String(workers),
    }),
  }));
  return { name: 'bentoml', folder: peers, variants };
}

/** The sides that are asked for, in their usual order. */
export function sidesOf(names: readonly string[], places: SidePlaces): Side[] {
  const makers: Record<SideName, () => Side> = {
    drover: () => drover(places, 'drover', 'pictures'),
    'drover-unkept': () => drover(places, 'drover-unkept', 'off'),
    fastapi: () => fastapi(places, 'fastapi', 'torch'),
    'fastapi-onnx': () => fastapi(places, 'fastapi-onnx', 'onnx'),
    litserve: () => litserve(places),
    bentoml: () => bentoml(places),
  };
  return sideNames.filter((name) => names.includes(name)).map((name) => makers[name]());
}
