import { describe, expect, it } from '@jest/globals';
import { missingSource } from '../../../cli/missing-source';
import { Failure } from '../../../contracts/failures';

const refused = new Failure('path-refused', 'The workers may not read it.');

describe('a source that the workers may not read', () => {
  it.each(['/none/at/all', 'file:///none/at/all', '../at/all'])(
    'and that is not there is said to be missing: %s',
    async (uri) => {
      const failure = await missingSource(refused, ['name=photos', `source.uri=${uri}`], '/none/project');
      expect(failure).toMatchObject({
        type: 'source-invalid',
        message: 'There is no /none/at/all on this machine. The workers may not read it.',
      });
    },
  );

  it.each([
    ['is there', refused, [`source.uri=${__dirname}`]],
    ['is elsewhere', refused, ['source.uri=gs://bucket/none']],
    ['was not typed', refused, ['name=photos']],
    ['is no address of a file', refused, ['source.uri=file://host/none']],
    ['failed of something else', new Failure('source-invalid', 'No class.'), ['source.uri=/none']],
  ])('is left as it was said where it %s', async (_, error, overrides) => {
    expect(await missingSource(error, overrides, __dirname)).toBeUndefined();
  });
});
