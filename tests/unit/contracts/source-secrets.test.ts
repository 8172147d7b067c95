import { describe, expect, it } from '@jest/globals';
import { readSettings } from '../../../contracts/schemas/settings';
import { readSourceSecrets } from '../../../contracts/schemas/source-secrets';
import { sourceOptions } from '../../../lib/data/sources/source-options';

describe('secrets of sources', () => {
  it('are tokens by name, each with its one host', () => {
    const { secrets, kaggle } = readSourceSecrets({
      DROVER_SECRET_MINE: 't0ken',
      DROVER_SECRET_MINE_HOST: 'Data.Example.org:8443',
      DROVER_SECRET_EMPTY: '',
      PATH: '/bin',
    });
    expect([...secrets]).toEqual([['MINE', { token: 't0ken', host: 'data.example.org:8443' }]]);
    expect(kaggle).toBeUndefined();
  });

  it('are refused without a host, with a wrong one, or where they can be no header; and never echoed', () => {
    for (const [environment, says] of [
      [{ DROVER_SECRET_A: 's3cret' }, /DROVER_SECRET_A_HOST: missing/],
      [
        { DROVER_SECRET_A: 's3cret', DROVER_SECRET_A_HOST: 'https://x' },
        /DROVER_SECRET_A_HOST: expected a host/,
      ],
      [
        { DROVER_SECRET_A: 's3cret\r\nx: y', DROVER_SECRET_A_HOST: 'x.org' },
        /DROVER_SECRET_A: expected visible/,
      ],
      [{ KAGGLE_KEY: 's3cret' }, /KAGGLE_USERNAME: missing/],
      [{ KAGGLE_USERNAME: 's3cret' }, /KAGGLE_KEY: missing/],
      [{ KAGGLE_API_TOKEN: 's3cret\n' }, /KAGGLE_API_TOKEN: expected visible/],
    ] as const) {
      const read = () => readSourceSecrets(environment);
      expect(read).toThrow(says);
      expect(read).not.toThrow(/s3cret/);
    }
  });

  it('of Kaggle are its token, or its user and key', () => {
    expect(readSourceSecrets({ KAGGLE_API_TOKEN: 'KGAT_1' }).kaggle).toBe('Bearer KGAT_1');
    expect(readSourceSecrets({ KAGGLE_USERNAME: 'me', KAGGLE_KEY: 'k' }).kaggle).toBe('Basic bWU6aw==');
  });
});

describe('what sources may touch', () => {
  it('is what the settings say, with hosts in lower case', () => {
    const settings = readSettings(
      {
        DROVER_ALLOWED_HOSTS: 'Minio.local:9000, 10.0.0.5',
        DROVER_MAX_DOWNLOAD_BYTES: '1000',
        DROVER_HOME: '/h',
      },
      '/p',
    );
    expect(sourceOptions(settings, {})).toMatchObject({
      downloads: '/h/downloads',
      network: {
        allowedHosts: ['minio.local:9000', '10.0.0.5'],
        kaggle: { endpoint: 'https://www.kaggle.com/api/v1', authorization: undefined },
      },
      limits: { download: 1000, unpacked: 200e9, files: 2_000_000 },
    });
  });

  it.each([
    [{ DROVER_ALLOWED_HOSTS: 'https://x.org' }, /DROVER_ALLOWED_HOSTS/],
    [{ DROVER_MAX_UNPACKED_BYTES: '0' }, /DROVER_MAX_UNPACKED_BYTES/],
    [{ DROVER_MAX_SOURCE_FILES: 'many' }, /DROVER_MAX_SOURCE_FILES/],
    [{ DROVER_KAGGLE_ENDPOINT: 'kaggle' }, /DROVER_KAGGLE_ENDPOINT/],
    [{ DROVER_KAGGLE_ENDPOINT: 'https://example.org/api' }, /not in DROVER_ALLOWED_HOSTS/],
  ])('is refused by its variable: %j', (environment, says) => {
    expect(() => readSettings(environment, '/p')).toThrow(says);
  });
});
