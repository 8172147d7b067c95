import { timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { errorCode } from '../../contracts/error-code';
import { Failure } from '../../contracts/failures';
import { type ApiKeyList, apiKeysSchema, holds } from '../../contracts/schemas/api-keys';
import type { Logger } from '../../lib/logging/logger';
import { sha256 } from '../../lib/storage/refs';

export interface ApiKeys {
  /** Whose key it is; undefined where it is nobody's, or holds no longer. */
  nameOf(key: string): string | undefined;
}

interface ApiKeysOptions {
  readonly file: string;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Between two looks whether the file is another, in milliseconds: so long a revoked key still opens. */
const lookMs = 1000;
const largestFile = 1024 * 1024;
const isYaml = (file: string): boolean => /\.ya?ml$/i.test(file);

/**
 * Opens a file of keys, which is read again when it changes. One that cannot be read later on changes nothing: the last good list
 * holds, and the log says so.
 *
 * @throws Failure `configuration-invalid` where the file cannot be read at the start
 */
export async function openApiKeys({ file, logger, now = Date.now }: ApiKeysOptions): Promise<ApiKeys> {
  const parse: (text: string) => unknown = isYaml(file) ? (await import('yaml')).parse : JSON.parse;
  let seen = marksOf(file);
  let list = readKeys(file, parse);
  let looked = now();
  /** What is wrong with the file, as it was logged. */
  let told: string | undefined;

  /** In step with the request, at most once a second: a small file, and only where it is another than before. */
  function look(): void {
    if (now() - looked < lookMs) return;
    looked = now();
    try {
      const marks = marksOf(file);
      if (marks !== seen) {
        list = readKeys(file, parse);
        // Only now: what may be read changes without a mark, such as who may read the file.
        seen = marks;
        logger.info('the API keys were read again', { keys: list.length });
      }
      told = undefined;
    } catch (error) {
      const wrong = String(error);
      if (wrong === told) return;
      told = wrong;
      logger.error('the API keys cannot be read; those that were read before still hold', { error });
    }
  }

  return {
    nameOf(key) {
      look();
      const digest = Buffer.from(sha256(key), 'hex');
      let name: string | undefined;
      // All of them, and each as a whole, so that the time tells nothing of which one it is like.
      for (const { entry, bytes } of list) {
        if (timingSafeEqual(digest, bytes) && holds(entry, now())) name = entry.name;
      }
      return name;
    },
  };
}

/** What changes where the file does. */
function marksOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? 'missing' : `${found.mtimeMs} ${found.size} ${found.ino}`;
}

function readKeys(file: string, parse: (text: string) => unknown) {
  return readList(file, parse).keys.map((entry) => ({ entry, bytes: Buffer.from(entry.sha256, 'hex') }));
}

function readList(file: string, parse: (text: string) => unknown): ApiKeyList {
  const refuse = (wrong: string, cause?: unknown) =>
    new Failure(
      'configuration-invalid',
      `The file of API keys, ${file}, ${wrong}. Make it with: drover api-keys create <name>. See docs/guides/serving-safely.md.`,
      { cause },
    );
  let text: string;
  try {
    if (statSync(file).size > largestFile) throw refuse(`has more than ${largestFile} bytes`);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw refuse(`cannot be read (${errorCode(error) ?? 'unreadable'})`);
  }
  let value: unknown;
  try {
    value = parse(text);
  } catch {
    // Without the cause: a parser's message quotes what it read.
    throw refuse(`cannot be read as ${isYaml(file) ? 'YAML' : 'JSON'}`);
  }
  const parsed = apiKeysSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map(({ path }) => path.join('.') || 'its top');
  throw refuse(`is not as expected at ${[...new Set(where)].slice(0, 5).join(', ')}`);
}
