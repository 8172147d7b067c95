import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findingKinds, validationSchema } from '../../../contracts/schemas/dataset';

const defaults = validationSchema.parse({});

describe.each(['guides/data.md', 'configuration.md'])('docs/%s', (page) => {
  it('names every kind of finding with what is done about it by default', () => {
    const text = readFileSync(path.join(__dirname, '../../../docs', page), 'utf8');
    const rows = new Map(
      [...text.matchAll(/^\| `([a-z_]+)` +\| `(keep|drop|fail)` +\|/gm)].map(([, kind = '', policy = '']) => [
        kind,
        policy,
      ]),
    );
    expect(Object.fromEntries(rows)).toEqual(
      Object.fromEntries(findingKinds.map((kind) => [kind, defaults[kind]])),
    );
  });
});
