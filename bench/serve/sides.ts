import { join } from 'node:path';
import type { Side } from './side';

export interface Places {
  /** Of the built API: `dist/` and `bin/` are in it. */
  readonly built: string;
  /** Made by `make-model.ts`. */
  readonly home: string;
  /** Of the peers' virtual environment. */
  readonly python: string;
  readonly network: 'cnn' | 'mobilenet';
}

const peers = join(__dirname, 'peers');

/** Every way that is tried; of those that have settings, all of them: the best is kept. */
export function sidesOf({ built, home, python, network }: Places): ReadonlyMap<string, readonly Side[]> {
  const bin = join(python, '..');
  const shape = network === 'cnn' ? { size: '48', channels: '1' } : { size: '224', channels: '3' };
  const peer = (name: string, command: Side['command'], settings: Record<string, string> = {}): Side => ({
    name,
    command,
    folder: peers,
    environment: (port) => ({
      BENCH_HOME: home,
      BENCH_CASE: network,
      BENCH_SIZE: shape.size,
      BENCH_CHANNELS: shape.channels,
      BENCH_PORT: String(port),
      ...settings,
    }),
  });
  const drover = (name: string, settings: Record<string, string>): Side => ({
    name,
    command: () => [process.execPath, 'bin/drover.js', 'api'],
    folder: built,
    environment: (port) => ({
      DROVER_HOME: home,
      DROVER_API_PORT: String(port),
      NODE_ENV: 'production',
      ...settings,
    }),
  });
  const uvicorn: Side['command'] = (port) => [
    join(bin, 'uvicorn'),
    ...[
      'fastapi_app:app',
      '--port',
      String(port),
      '--workers',
      '2',
      '--log-level',
      'error',
      '--no-access-log',
    ],
  ];
  const bento: Side['command'] = (port) => [
    join(bin, 'bentoml'),
    ...['serve', 'bentoml_app:Classifier', '--host', '127.0.0.1', '--port', String(port)],
  ];
  return new Map<string, readonly Side[]>([
    ['Drover', [drover('Drover', {})]],
    ['Drover, nothing kept', [drover('Drover, nothing kept', { DROVER_KEEP_PREDICTIONS: 'off' })]],
    [
      'FastAPI + PyTorch',
      [
        peer('FastAPI + PyTorch, threads', uvicorn),
        peer('FastAPI + PyTorch, async', uvicorn, { BENCH_HANDLER: 'async' }),
      ],
    ],
    [
      'FastAPI + ONNX Runtime',
      [
        peer('FastAPI + ONNX Runtime, threads', uvicorn, { BENCH_ENGINE: 'onnx' }),
        peer('FastAPI + ONNX Runtime, async', uvicorn, { BENCH_ENGINE: 'onnx', BENCH_HANDLER: 'async' }),
      ],
    ],
    [
      'LitServe',
      [
        ['1', '1', '1'],
        ['4', '1', '1'],
        ['8', '1', '2'],
        ['4', '2', '1'],
        ['4', '2', '2'],
      ].map(([batch = '1', workers = '1', servers = '1']) =>
        peer(
          `LitServe, batches of ${batch}, ${workers} workers, ${servers} servers`,
          () => [join(bin, 'python'), 'litserve_app.py'],
          { BENCH_BATCH: batch, BENCH_WORKERS: workers, BENCH_SERVERS: servers },
        ),
      ),
    ],
    [
      'BentoML',
      ['1', '2'].map((workers) => peer(`BentoML, ${workers} workers`, bento, { BENCH_WORKERS: workers })),
    ],
  ]);
}
