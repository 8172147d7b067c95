import { access } from 'node:fs/promises';

/** Whether there is anything at a path of this machine that this user may reach. */
export async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
