import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorCode } from '../contracts/error-code';
import { Failure } from '../contracts/failures';

/**
 * The key in the file of `--api-key-file`: on the command line itself it would stand in the process list.
 *
 * @throws Failure `start-refused` where the file cannot be read, or holds anything else.
 */
export async function readApiKey(file: string, folder: string): Promise<string> {
  const text = await readFile(resolve(folder, file), 'utf8').catch((error: unknown) => {
    const why = errorCode(error) ?? 'unknown';
    throw new Failure('start-refused', `The file of --api-key-file cannot be read (${why}).`, {
      cause: error,
    });
  });
  const key = text.trim();
  // What a header may hold; anything else would fail with the key in the message.
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new Failure('start-refused', 'The file of --api-key-file should hold one key and nothing else.');
}
