import { writeFile } from 'node:fs/promises';
import { errorCode } from '../contracts/error-code';
import { Failure } from '../contracts/failures';

/**
 * Writes a page to a file that a flag named.
 *
 * @throws Failure `path-refused` where it can't be written there
 */
export async function writePage(file: string, text: string, flag: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new Failure(
      'path-refused',
      `The page can't be written to the file that ${flag} names (${errorCode(error) ?? 'unknown'}). Name one in a folder ` +
        'that exists and may be written.',
      { cause: error },
    );
  }
}
