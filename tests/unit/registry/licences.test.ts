import { describe, expect, it } from '@jest/globals';
import { licenceTags } from '../../../lib/registry/licences';

describe("the card's licence", () => {
  it.each([
    ['All by Ada, CC BY 4.0.', { license: 'cc-by-4.0' }],
    ['Licensed under the MIT license', { license: 'mit' }],
    ['CC-BY-SA-4.0', { license: 'cc-by-sa-4.0' }],
    ['A is Apache-2.0, B is CC BY 4.0', { license: 'other', license_name: 'apache-2.0-and-cc-by-4.0' }],
    ['Ask Ada.', { license: 'other', license_name: 'of-the-pictures' }],
    [undefined, { license: 'other', license_name: 'of-the-pictures' }],
    ['Ask Ada.\n\n## Evaluation\n\nMIT', { license: 'other', license_name: 'of-the-pictures' }],
  ])('of %j is %j', (notes, tags) => {
    expect(licenceTags(notes)).toEqual(tags);
  });
});
