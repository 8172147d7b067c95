import { describe, expect, it } from '@jest/globals';
import { readSettings } from '../../../contracts/schemas/settings';

const storeOf = (place: string): string => readSettings({ DROVER_STORE: place }, '/project').store;

describe('DROVER_STORE', () => {
  it('is a folder, from the project where it is relative, a file URL or a bucket', () => {
    expect(storeOf('pictures')).toBe('/project/pictures');
    expect(storeOf('/srv/pictures')).toBe('/srv/pictures');
    expect(storeOf('file:///srv/two%20words')).toBe('/srv/two words');
    expect(storeOf('gs://bucket/prefix')).toBe('gs://bucket/prefix');
    expect(storeOf('GS://bucket')).toBe('gs://bucket');
    expect(storeOf('')).toBe('/project/.drover/store');
  });

  it.each(['s3://bucket/x', 'https://user:hunter2@example.org/x', 'file://elsewhere/srv'])(
    'is not %s, which would become a folder of that name',
    (place) => {
      expect(() => storeOf(place)).toThrow(
        expect.objectContaining({
          type: 'configuration-invalid',
          message: expect.stringMatching(/^Environment: DROVER_STORE: (?!.*hunter2)/),
        }),
      );
    },
  );
});
