import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { canonicalJson } from '../../../lib/storage/canonical-json';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { openStore } from '../../../lib/storage/open-store';
import {
  blobKey,
  digestOf,
  putBlob,
  putJson,
  putRef,
  readJson,
  readRef,
  sha256,
} from '../../../lib/storage/refs';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-refs-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('canonical JSON', () => {
  // RFC 8785, section 3.2.2 (values) and 3.2.3 (order of keys).
  it('is that of RFC 8785', () => {
    const value = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001, -0],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27,0],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    const keys = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
    expect(Object.values(JSON.parse(canonicalJson(keys)) as object)).toEqual([4, 2, 6, 7, 1, 5, 3]);
  });

  it('is the same for equal values, whatever the order in which they were put together', () => {
    const one = { b: [{ y: 1, x: undefined, w: 'ü' }], a: { d: null, c: true } };
    const other = { a: { c: true, d: null }, b: [{ w: 'ü', y: 1 }] };
    expect(digestOf(one)).toBe(digestOf(other));
    expect(digestOf({ ...other, a: {} })).not.toBe(digestOf(other));
    expect(JSON.parse(canonicalJson(one))).toEqual(other);
  });

  it.each([NaN, Infinity, 1n, [undefined], () => 1, new Date(0), new Map(), Symbol('x')])(
    'refuses what would not read back the same (%#)',
    (value) => {
      expect(() => canonicalJson({ deep: [value] })).toThrow(TypeError);
    },
  );
});

describe('a ref', () => {
  it('brings back the bytes that were put', async () => {
    const store = createFolderStore(root);
    const ref = await putRef<'weights'>(store, 'refs/a.bin', Buffer.from('abc'));
    // FIPS 180-2, appendix B.1.
    expect(ref).toEqual({
      uri: 'store://refs/a.bin',
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    });
    expect((await readRef(store, ref)).toString()).toBe('abc');
  });

  it('refuses bytes that were changed, and says which, and what to do', async () => {
    const store = createFolderStore(root);
    const ref = await putJson(store, 'refs/b.json', { accuracy: 0.5 });
    await store.write('refs/b.json', Buffer.from('{"accuracy":0.9}'));
    const reading = readJson(store, ref, z.object({ accuracy: z.number() }));
    await expect(reading).rejects.toMatchObject({ type: 'digest-mismatch' });
    await expect(reading).rejects.toThrow(/refs\/b\.json .* backup/s);
  });

  it('to anywhere but the store is refused', async () => {
    const store = createFolderStore(root);
    for (const uri of ['file:///etc/passwd', 'https://example.org/a', 'refs/a.bin', 'store:///etc/passwd']) {
      await expect(readRef(store, { uri, sha256: sha256('') })).rejects.toMatchObject({
        type: 'path-refused',
      });
    }
  });

  it('is refused without a word of what stood in it but its scheme', async () => {
    const store = createFolderStore(root);
    const secret = 'https://user:hunter2@example.org/a';
    const refused = readRef(store, { uri: secret, sha256: sha256('') });
    await expect(refused).rejects.toThrow('Found https://, which');
    for (const leaking of [refused, store.read(secret), (async () => openStore(secret))()]) {
      await expect(leaking).rejects.toMatchObject({ type: 'path-refused' });
      await expect(leaking).rejects.not.toThrow(/hunter2/);
    }
  });

  it('to JSON has its digest from the value, and brings it back parsed', async () => {
    const store = createFolderStore(root);
    const schema = z.strictObject({ b: z.number(), a: z.array(z.string()) });
    const ref = await putJson(store, 'refs/c.json', { b: 1, a: ['x'] });
    expect(ref.sha256).toBe(digestOf({ a: ['x'], b: 1 }));
    expect(await readJson(store, ref, schema)).toEqual({ a: ['x'], b: 1 });
    const other = await putJson(store, 'refs/d.json', { b: 'one' });
    await expect(readJson(store, other, schema)).rejects.toThrow(
      /refs\/d\.json is not a document.*back from a backup.*only where/,
    );
  });

  it('to a blob is made of its bytes alone', async () => {
    const store = createFolderStore(root);
    const ref = await putBlob(store, Buffer.from('abc'));
    expect(ref.uri).toBe(`store://${blobKey(ref.sha256)}`);
    expect(blobKey(ref.sha256)).toMatch(/^blobs\/sha256\/ba\/ba7816bf[0-9a-f]{56}$/);
    expect(await putBlob(store, Buffer.from('abc'))).toEqual(ref);
  });
});

describe('a store’s place', () => {
  it('is a folder or a bucket', () => {
    expect(openStore('/srv/drover/../store').location).toBe('/srv/store');
    expect(openStore('gs://bucket').location).toBe('gs://bucket');
    expect(openStore('gs://my.bucket/a/b/').location).toBe('gs://my.bucket/a/b');
  });

  it.each([
    'store',
    './store',
    '',
    's3://bucket',
    'gs://',
    'gs://bucket/../other',
    'gs://a@b/c',
    'file:///srv',
  ])('is not %j', (location) => {
    expect(() => openStore(location)).toThrow(expect.objectContaining({ type: 'path-refused' }));
  });
});
