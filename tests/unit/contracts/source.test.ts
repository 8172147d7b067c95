import { describe, expect, it } from '@jest/globals';
import { sourceSchema } from '../../../contracts/schemas/pipeline';

describe('a source’s address', () => {
  it.each([
    'https://ada:secret@example.org/a.zip',
    'https:\\\\ada:secret@example.org/a.zip',
    ' https://ada:secret@example.org/a.zip',
    'https://example.org/a.zip?token=x',
    'https://example.org/a.zip?v=1&access_token=x',
    'https://example.org/a.zip?accessToken=x',
    'https://storage.example.org/a.zip?X-Goog-Algorithm=y&X-Goog-Signature=x',
    'https://example.org/a.zip?sv=1&sig=x',
    'https://example.org/a.zip?api_key=x',
  ])('that holds a secret is refused, and not echoed (%s)', (uri) => {
    const parsed = sourceSchema.safeParse({ uri });
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error?.issues)).not.toContain('example.org');
  });

  it.each([
    'sample://animals?variations=2&seed=1',
    'https://example.org/a.zip?design=new&monkey=1&v=2',
    'gs://bucket/tokens/secret=1',
    './photos',
  ])('that holds none is taken (%s)', (uri) => {
    expect(sourceSchema.safeParse({ uri }).success).toBe(true);
  });
});
