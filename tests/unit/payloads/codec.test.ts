import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createDecipheriv } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporal } from '@temporalio/proto';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createPayloadCodec, isEncrypted } from '../../../lib/payloads/codec';
import { newPayloadKey, parsePayloadKeys, readPayloadKeys } from '../../../lib/payloads/keys';
import type { Payload } from '../../../lib/payloads/payload';
import { open, seal } from '../../../lib/payloads/seal';

const folder = mkdtempSync(join(tmpdir(), 'drover-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const plain: Payload = { metadata: { encoding: bytes('json/plain') }, data: bytes('{"lr":0.01}') };
const first = newPayloadKey('2026-11');
const second = newPayloadKey('2027-01');

describe('sealing', () => {
  const key = Uint8Array.from(Buffer.alloc(32, 7));

  it('opens what it sealed, and any other AES-256-GCM opens it too', () => {
    const sealed = seal(key, bytes('a config'), 'k');
    expect(Buffer.from(open(key, sealed, 'k')).toString()).toBe('a config');
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
    decipher.setAAD(Buffer.from('k')).setAuthTag(sealed.subarray(sealed.length - 16));
    expect(decipher.update(sealed.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8')).toBe(
      'a config',
    );
  });

  it('never writes the same bytes twice', () => {
    expect(seal(key, bytes('a'), 'k')).not.toEqual(seal(key, bytes('a'), 'k'));
  });

  it.each(Array.from({ length: 12 + 1 + 16 }, (_, at) => at))('notices a change of byte %i', (at) => {
    const sealed = seal(key, bytes('a'), 'k');
    sealed[at] = (sealed[at] ?? 0) ^ 1;
    expect(() => open(key, sealed, 'k')).toThrow();
  });

  it('notices another name of the key, and what is too short', () => {
    expect(() => open(key, seal(key, bytes('a'), 'k'), 'l')).toThrow();
    expect(() => open(key, new Uint8Array(27), 'k')).toThrow();
  });
});

describe('the codec', () => {
  it('hides metadata and data, and gives both back', async () => {
    const codec = createPayloadCodec(parsePayloadKeys(first, 'keys'));
    const [hidden] = await codec.encode([plain]);
    expect(hidden && isEncrypted(hidden)).toBe(true);
    expect(Buffer.from(hidden?.metadata?.['encryption-key-id'] ?? []).toString()).toBe('2026-11');
    expect(JSON.stringify(hidden)).not.toContain(Buffer.from('json/plain').toString('base64'));
    expect(Buffer.from(hidden?.data ?? []).includes('"lr"')).toBe(false);
    expect(await codec.decode(hidden ? [hidden] : [])).toEqual([plain]);
  });

  it("encrypts Temporal's own bytes of the payload, as its samples do in other languages", async () => {
    const keys = parsePayloadKeys(first, 'keys');
    const [hidden] = await createPayloadCodec(keys).encode([plain]);
    const inside = open(keys.first.secret, hidden?.data ?? new Uint8Array(), '2026-11');
    const read = temporal.api.common.v1.Payload.decode(inside);
    expect(Buffer.from(read.metadata['encoding'] ?? []).toString()).toBe('json/plain');
    expect(Buffer.from(read.data).toString()).toBe('{"lr":0.01}');
  });

  it('lets a payload pass that was never encrypted, so running workflows go on when it is turned on', async () => {
    expect(await createPayloadCodec(parsePayloadKeys(first, 'keys')).decode([plain, {}])).toEqual([
      plain,
      {},
    ]);
  });

  it('goes on reading with an old key once a new one encrypts', async () => {
    const before = await createPayloadCodec(parsePayloadKeys(first, 'keys')).encode([plain]);
    const rotated = createPayloadCodec(parsePayloadKeys(`# since January\n${second}\n\n${first}\n`, 'keys'));
    expect(await rotated.decode(before)).toEqual([plain]);
    const [after] = await rotated.encode([plain]);
    expect(Buffer.from(after?.metadata?.['encryption-key-id'] ?? []).toString()).toBe('2027-01');
  });

  it('says which key is missing, and what to do', async () => {
    const hidden = await createPayloadCodec(parsePayloadKeys(first, 'keys')).encode([plain]);
    for (const keys of [undefined, parsePayloadKeys(second, 'keys')]) {
      await expect(createPayloadCodec(keys).decode(hidden)).rejects.toMatchObject({
        type: 'configuration-invalid',
        message: expect.stringMatching(/"2026-11".*DROVER_PAYLOAD_KEYS_FILE/),
      });
    }
  });

  it('says so where another key has the name', async () => {
    const hidden = await createPayloadCodec(parsePayloadKeys(first, 'keys')).encode([plain]);
    const other = createPayloadCodec(parsePayloadKeys(newPayloadKey('2026-11'), 'keys'));
    await expect(other.decode(hidden)).rejects.toThrow(/does not open with the key "2026-11"/);
  });

  it('changes nothing without keys', async () => {
    expect(await createPayloadCodec(undefined).encode([plain])).toEqual([plain]);
  });
});

describe('the keys', () => {
  const file = (text: string, mode = 0o600): string => {
    const path = join(folder, `${Math.abs(mode)}-${text.length}.txt`);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };

  it('are read from a file that its owner alone may read, or its group', () => {
    for (const mode of [0o600, 0o400, 0o440])
      expect(readPayloadKeys({ file: file(`${first}\n`, mode) })?.first.id).toBe('2026-11');
  });

  it('are refused in a file that others may read', () => {
    for (const mode of [0o604, 0o644, 0o620])
      expect(() => readPayloadKeys({ file: file(first, mode) })).toThrow(/chmod 600/);
  });

  it('are read from the environment, with commas for lines', () => {
    expect([...(readPayloadKeys({ text: `${first},${second}` })?.byId.keys() ?? [])]).toEqual([
      '2026-11',
      '2027-01',
    ]);
    expect(readPayloadKeys({})).toBeUndefined();
  });

  it('say which file is missing', () => {
    expect(() => readPayloadKeys({ file: join(folder, 'none') })).toThrow(/none.*ENOENT/);
  });

  it.each([
    ['a key that is too short', 'k c2hvcnQ='],
    ['a key with no name', first.split(' ')[1] ?? ''],
    ['a third word', `${first} more`],
    ['a name with a slash', `a/b ${first.split(' ')[1]}`],
    ['nothing', '# none yet\n'],
    ['two of one name', `${first}\n${newPayloadKey('2026-11')}`],
  ])('refuses %s, and repeats nothing of it', (_what, text) => {
    const secret = first.split(' ')[1] ?? '';
    let said = '';
    try {
      parsePayloadKeys(text, 'keys.txt');
    } catch (error) {
      said = String(error);
    }
    expect(said).toMatch(/keys\.txt/);
    expect(said).not.toContain(secret);
    expect(said).not.toContain('c2hvcnQ=');
  });
});
