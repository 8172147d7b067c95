import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings } from '../../contracts/schemas/settings';

/**
 * A Python that has a package of `tracking-requirements.txt`: that of `DROVER_TRACKING_PYTHON`, or of the virtual
 * environment `bench/tracking` in the cache. Undefined where there is none: it is 1 GB, and nothing but tests need it.
 *
 * @throws Error where `DROVER_TRACKING_PYTHON` is set and has no such package: its absence must not pass for success.
 */
export function findTrackingPython(package_: 'mlflow' | 'tensorboard' | 'wandb'): string | undefined {
  const given = process.env['DROVER_TRACKING_PYTHON'];
  const python =
    given ?? join(readSettings(process.env, process.cwd()).cache, 'bench', 'tracking', 'bin', 'python');
  const code = `import importlib.util, sys; sys.exit(importlib.util.find_spec("${package_}") is None)`;
  const found = existsSync(python) && spawnSync(python, ['-c', code], { stdio: 'ignore' }).status === 0;
  if (!found && given !== undefined) throw new Error(`DROVER_TRACKING_PYTHON has no ${package_}.`);
  return found ? python : undefined;
}
