import type { Settings } from '../../contracts/schemas/settings';
import type { ChildSpec } from '../processes/child';
import { temporalData } from '../processes/strays';

/** Drover's own Temporal server: one process, its data in a file of the home, on loopback only. */
export function temporalServer(
  settings: Settings,
  executable: string,
  env: Readonly<Record<string, string | undefined>>,
): ChildSpec | undefined {
  const { development, namespace } = settings.temporal;
  const { workerMetrics } = settings;
  if (!development) return undefined;
  return {
    name: 'temporal',
    command: executable,
    args: [
      ...['server', 'start-dev', '--db-filename', temporalData(settings.home), '--ip', '127.0.0.1'],
      ...[
        '--port',
        String(development.port),
        '--ui-port',
        String(development.uiPort),
        '--log-level',
        'error',
      ],
      ...(workerMetrics ? ['--metrics-port', String(workerMetrics.port + 2)] : []),
      ...(namespace === 'default' ? [] : ['--namespace', namespace]),
    ],
    env,
    cwd: settings.project,
    port: development.port,
    grace: 10_000,
  };
}
