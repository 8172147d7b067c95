import { join } from 'node:path';
import { nativeMissing } from './mend';
import type { GoPart } from './parts';
import { runCommand } from './run-command';
import type { World } from './world';

/** Whether Go is there to compile with. */
export async function hasGo(world: World): Promise<boolean> {
  return (await runCommand('go', ['version'], { environment: world.environment })).code === 0;
}

/**
 * Compiles a Go command into `prepared`, and checks that the binary names the pinned module's checksum.
 *
 * @throws Failure `native-missing` where Go can't, or the module is another.
 */
export async function installGoPart(
  world: World,
  part: GoPart,
  prepared: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const what = `${part.module}@v${part.version}`;
  const { environment } = world;
  const built = await runCommand('go', ['install', what], {
    environment,
    variables: { GOBIN: prepared, CGO_ENABLED: '0' },
    signal,
  });
  if (built.code !== 0) {
    const last = built.stderr.trim().split('\n').at(-1) ?? '';
    throw nativeMissing(`go install ${what} failed: ${last}`, new Error(built.stderr));
  }
  const told = await runCommand('go', ['version', '-m', join(prepared, part.binary)], {
    environment,
    signal,
  });
  if (!told.stdout.includes(part.sum)) {
    throw nativeMissing(`What Go built as ${what} is not the pinned module (expected ${part.sum}).`);
  }
  return [part.binary];
}
