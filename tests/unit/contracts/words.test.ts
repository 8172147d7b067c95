import { describe, expect, it } from '@jest/globals';
import { deployInputSchema } from '../../../contracts/schemas/deployment';
import { stageInputSchemas } from '../../../contracts/schemas/inputs';

const said = { by: 'Ada\u001b[2J', reason: 'looks\u0007odd\n' };
const plain = { by: 'Ada [2J', reason: 'looks odd' };

describe('who asks, and why', () => {
  it('are kept without control characters, which a terminal would obey', () => {
    expect(deployInputSchema.parse({ model: 'pets', ...said })).toMatchObject(plain);
    expect(stageInputSchemas.promote.parse({ model: 'pets', version: 1, ...said })).toMatchObject(plain);
    expect(stageInputSchemas.rollback.parse({ model: 'pets', ...said })).toMatchObject(plain);
  });

  it('are not control characters alone', () => {
    expect(deployInputSchema.safeParse({ model: 'pets', by: '\u001b\u0007' }).success).toBe(false);
  });
});
