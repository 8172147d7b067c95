import { describe, expect, it } from '@jest/globals';
import type { PreparedRef } from '../../../contracts/refs';
import { runConfigSchema } from '../../../contracts/schemas/run';
import { runId } from '../../../lib/training/run-id';

const config = runConfigSchema.parse({});
const prepared: PreparedRef = { uri: 'store://prepared/a/index.json', sha256: 'a'.repeat(64) };

describe('a run’s id', () => {
  it('does not depend on the order of keys, nor on where the prepared set lies', () => {
    const turned = Object.fromEntries(Object.entries(config).reverse());
    const elsewhere = { ...prepared, uri: 'store://elsewhere/index.json' };
    expect(runId(runConfigSchema.parse(turned), elsewhere)).toBe(runId(config, prepared));
    expect(runId(config, prepared)).toMatch(/^[0-9a-f]{16}$/);
  });

  it('is another for another configuration and for other pictures', () => {
    expect(runId({ ...config, lr: 0.002 }, prepared)).not.toBe(runId(config, prepared));
    expect(runId(config, { ...prepared, sha256: 'b'.repeat(64) })).not.toBe(runId(config, prepared));
  });
});
