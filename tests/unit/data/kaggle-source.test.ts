import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { Failure } from '../../../contracts/failures';
import { datasetConfigSchema } from '../../../contracts/schemas/pipeline';
import { locate } from '../../../lib/data/labels';
import { openSource } from '../../../lib/data/sources/open-source';
import type { SourceOptions } from '../../../lib/data/sources/source';
import { zipOf } from '../../support/archives';
import { startFakeKaggle, type FakeKaggle } from '../../support/kaggle';
import { listPictures } from '../../support/pictures';
import { sourceOptionsFor } from '../../support/source-options';

const authorization = `Basic ${Buffer.from('me:k3y').toString('base64')}`;
let root: string;
let kaggle: FakeKaggle;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-kaggle-'));
  kaggle = await startFakeKaggle(authorization);
  kaggle.versions.set(1, zipOf([{ name: 'raw-img/cane/old.jpeg', bytes: Buffer.from('old') }]));
  kaggle.versions.set(
    2,
    zipOf([
      { name: 'raw-img/cane/a.jpeg', bytes: Buffer.from('a') },
      { name: 'raw-img/gatto/b.jpeg', bytes: Buffer.from('b') },
      { name: 'translate.py', bytes: Buffer.from('translate = {}') },
    ]),
  );
});

afterEach(async () => {
  await kaggle.stop();
  await rm(root, { recursive: true, force: true });
});

function options(as: string | undefined = authorization): SourceOptions {
  return sourceOptionsFor(root, {
    times: { attempts: 2, firstWaitMs: 1 },
    network: {
      allowedHosts: [kaggle.api.host, kaggle.storage.host],
      kaggle: { endpoint: kaggle.endpoint, authorization: as },
    },
  });
}

async function refusal(work: Promise<unknown>): Promise<Failure> {
  const error = await work.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

describe('a dataset of Kaggle’s', () => {
  it('is what configs/animals10.yaml says, with its classes in English', async () => {
    const config = datasetConfigSchema.parse(parse(await readFile('configs/animals10.yaml', 'utf8')));
    const source = await openSource(config.source, options());
    const found = await listPictures(source);
    expect(
      locate(found, source.labelled, config.source.labels).map(({ path: at, label }) => [at, label]),
    ).toEqual([
      ['cane/a.jpeg', 'dog'],
      ['gatto/b.jpeg', 'cat'],
      ['translate.py', undefined],
    ]);
    expect(Object.keys(config.source.labels ?? {})).toHaveLength(10);
  });

  it('is taken at its current version, or at the one that is named', async () => {
    const uri = 'kaggle://alessiocorrado99/animals10';
    const first = await listPictures(await openSource({ uri: `${uri}/versions/1` }, options()));
    expect(String(await first[0]?.bytes())).toBe('old');
    expect(await listPictures(await openSource({ uri }, options()))).toHaveLength(3);
    const print = async (of: string) => (await openSource({ uri: of }, options())).fingerprint();
    expect(await print(uri)).toBe('version 2');
    expect(await print(`${uri}/versions/1`)).toBe('version 1');
    kaggle.versions.set(3, zipOf([]));
    expect(await print(uri)).toBe('version 3');
  });

  it('is fetched from the storage host without the key', async () => {
    await listPictures(await openSource({ uri: 'kaggle://alessiocorrado99/animals10' }, options()));
    expect(kaggle.storage.requests).toHaveLength(1);
    expect(kaggle.storage.requests[0]?.headers.authorization).toBeUndefined();
    expect(kaggle.api.requests.every(({ headers }) => headers.authorization === authorization)).toBe(true);
  });

  it('leaves nothing behind once it is forgotten', async () => {
    const source = await openSource({ uri: 'kaggle://alessiocorrado99/animals10' }, options());
    await listPictures(source);
    expect(await readdir(path.join(root, 'downloads'))).toHaveLength(1);
    await source.forget?.();
    expect(await readdir(path.join(root, 'downloads'))).toEqual([]);
  });

  it('that Kaggle refuses is said in words, with what to do, and no key in them', async () => {
    const cases = [
      ['kaggle://alessiocorrado99/animals10', undefined, /wants to know who asks.*KAGGLE_API_TOKEN/],
      ['kaggle://alessiocorrado99/animals10', 'Bearer wr0ng', /does not know the token/],
      ['kaggle://somebody/private', authorization, /accept its terms/],
      ['kaggle://somebody/nothing', authorization, /has no dataset somebody\/nothing/],
      ['kaggle://alessiocorrado99/animals10/versions/9', authorization, /or no such version/],
      ['kaggle://animals10', authorization, /expected kaggle:\/\/owner\/dataset/],
      ['kaggle://a/b/versions/x', authorization, /expected kaggle:\/\/owner\/dataset/],
      ['kaggle://../../etc', authorization, /expected kaggle:\/\/owner\/dataset/],
    ] as const;
    for (const [uri, as, says] of cases) {
      const { network, ...others } = options();
      const asked = { ...others, network: { ...network, kaggle: { ...network.kaggle, authorization: as } } };
      const failure = await refusal(openSource({ uri }, asked).then(listPictures));
      expect(failure).toMatchObject({ type: 'source-invalid', message: expect.stringMatching(says) });
      expect(failure.message).not.toMatch(/wr0ng|k3y|s3cret/);
    }
  });
});
