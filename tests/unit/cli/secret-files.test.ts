import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { withSecretFiles } from '../../../cli/secret-files';

const folder = mkdtempSync(join(tmpdir(), 'drover-secrets-'));
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

afterAll(() => rmSync(folder, { recursive: true }));

describe('secrets in files', () => {
  it('are read into the variable that is named, and the file is named no longer', () => {
    const read = withSecretFiles({
      DROVER_MODEL: 'animals',
      DROVER_FROM_FILE_KAGGLE_API_TOKEN: file('kaggle', ' KGAT_secret\n'),
    });
    expect(read).toEqual({ DROVER_MODEL: 'animals', KAGGLE_API_TOKEN: 'KGAT_secret' });
  });

  it('set nothing where the file is empty, or none is named', () => {
    const read = withSecretFiles({
      DROVER_FROM_FILE_TEMPORAL_API_KEY: '',
      DROVER_FROM_FILE_KAGGLE_API_TOKEN: file('empty', '\n'),
    });
    expect(read).toEqual({ KAGGLE_API_TOKEN: '' });
  });

  it('are refused where the variable itself is set, too', () => {
    const both = { KAGGLE_KEY: 'one', DROVER_FROM_FILE_KAGGLE_KEY: file('key', 'two') };
    expect(() => withSecretFiles(both)).toThrow('DROVER_FROM_FILE_KAGGLE_KEY and KAGGLE_KEY are both set');
  });

  it('say which file can not be read, or is no secret, and never what it holds', () => {
    expect(() => withSecretFiles({ DROVER_FROM_FILE_X: join(folder, 'none') })).toThrow(
      /none can't be read \(ENOENT\)/,
    );
    expect(() => withSecretFiles({ DROVER_FROM_FILE_X: folder })).toThrow(/EISDIR/);
    const large = file('large', 'x'.repeat(70_000));
    expect(() => withSecretFiles({ DROVER_FROM_FILE_X: large })).toThrow('has more than 65536 bytes');
  });
});
