import { readFileSync, statSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { errorCode } from '../../contracts/error-code';
import { Failure } from '../../contracts/failures';
import { keyBytes } from './seal';

export interface PayloadKey {
  /** Stands, readable, beside everything that the key encrypted. */
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

/** The first key encrypts; every key decrypts. */
export interface PayloadKeys {
  readonly first: PayloadKey;
  readonly byId: ReadonlyMap<string, PayloadKey>;
}

/** Where keys come from; at most one of the two is set. */
export interface PayloadKeyPlaces {
  readonly file?: string | undefined;
  /** The keys themselves, from the environment. */
  readonly text?: string | undefined;
}

const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const secretPattern = /^[A-Za-z0-9+/_-]{43}=?$/;
/** Rights that a file of keys must not give: to others any, to its group writing. Kubernetes and Docker give a group reading. */
const tooOpen = 0o027;

/**
 * The keys that the settings name; undefined where there are none.
 *
 * @throws Failure `configuration-invalid` for a file that is missing, unreadable or open to others, and for what are no
 * keys; no part of a key is in the message
 */
export function readPayloadKeys({ file, text }: PayloadKeyPlaces): PayloadKeys | undefined {
  if (file !== undefined) return parsePayloadKeys(readKeyFile(file), file);
  if (text !== undefined) return parsePayloadKeys(text.replaceAll(',', '\n'), 'DROVER_PAYLOAD_KEYS');
  return undefined;
}

/** @param place what the message of a failure calls the text */
export function parsePayloadKeys(text: string, place: string): PayloadKeys {
  const keys = text.split('\n').flatMap((line, index): readonly PayloadKey[] => {
    const written = line.trim();
    if (written === '' || written.startsWith('#')) return [];
    const [id = '', secret = '', ...more] = written.split(/\s+/);
    const where = `${place}, line ${index + 1}`;
    if (!idPattern.test(id) || !secretPattern.test(secret) || more.length > 0) {
      throw new Failure(
        'configuration-invalid',
        `${where}: expected the name of a key (letters, digits, ., _ and -), a space, and its 32 bytes in base64. ` +
          'Make one: npx drover codec --new-key <name>.',
      );
    }
    return [{ id, secret: Uint8Array.from(Buffer.from(secret, 'base64')) }];
  });
  const [first] = keys;
  if (first === undefined) {
    throw new Failure(
      'configuration-invalid',
      `${place} holds no key. Make one: npx drover codec --new-key <name>.`,
    );
  }
  const byId = new Map(keys.map((key) => [key.id, key]));
  if (byId.size < keys.length)
    throw new Failure('configuration-invalid', `${place}: two keys have one name; each needs its own.`);
  return { first, byId };
}

/** A new key, as a line of a file of keys. @throws Failure `start-refused` where the name can't be one */
export function newPayloadKey(id: string): string {
  if (!idPattern.test(id)) {
    throw new Failure(
      'start-refused',
      'The name of a key is letters, digits, ., _ and -, at most 63: drover codec --new-key 2026-11.',
    );
  }
  return `${id} ${randomBytes(keyBytes).toString('base64')}`;
}

function readKeyFile(file: string): string {
  try {
    // Windows knows no such rights.
    if (process.platform !== 'win32' && (statSync(file).mode & tooOpen) !== 0) {
      throw new Failure(
        'configuration-invalid',
        `${file}: others may read the keys, or its group may write them. Set its rights: chmod 600 ${file}`,
      );
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(
      'configuration-invalid',
      `${file}, which DROVER_PAYLOAD_KEYS_FILE names, can't be read (${errorCode(error) ?? 'unknown'}).`,
      { cause: error },
    );
  }
}
