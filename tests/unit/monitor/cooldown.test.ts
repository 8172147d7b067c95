import { describe, expect, it } from '@jest/globals';
import type { FollowUp } from '../../../contracts/schemas/monitor';
import { cooldownAfter } from '../../../lib/monitor/cooldown';

const day = 86_400_000;

const followUp = (change: Partial<FollowUp>): FollowUp => ({
  ...{ look: 'a', model: 'animals', version: 2, workflow: 'retrain-animals-v2', state: 'rejected' },
  ...{ since: '2026-01-01T00:00:00.000Z', reminders: 0, reason: 'rejected by Ada: a fair was on' },
  ...change,
});

const after = (latest: FollowUp | undefined, at: string, version = 2) =>
  cooldownAfter(latest, { version, at, lasts: 7 * day })?.until;

describe('cooldownAfter', () => {
  it('counts from the answer, else from the deadline that has passed, else from the start', () => {
    const answer = { approved: false, by: 'Ada', reason: 'a fair was on', at: '2026-01-02T00:00:00.000Z' };
    const deadline = '2026-01-04T00:00:00.000Z';
    const at = '2026-01-05T00:00:00.000Z';
    expect(after(followUp({ answer, deadline }), at)).toBe('2026-01-09T00:00:00.000Z');
    expect(after(followUp({ state: 'expired', deadline }), at)).toBe('2026-01-11T00:00:00.000Z');
    expect(after(followUp({ state: 'started' }), at)).toBe('2026-01-08T00:00:00.000Z');
  });

  it('ends once the time has passed', () => {
    expect(after(followUp({}), '2026-01-07T23:59:59.999Z')).toBeDefined();
    expect(after(followUp({}), '2026-01-08T00:00:00.000Z')).toBeUndefined();
  });

  it.each(['waiting', 'starting', 'cancelled', 'failed'] as const)('is not after one that is %s', (state) => {
    expect(after(followUp({ state }), '2026-01-02T00:00:00.000Z')).toBeUndefined();
  });

  it('is not of another version, or where nothing has followed yet', () => {
    expect(after(followUp({}), '2026-01-02T00:00:00.000Z', 3)).toBeUndefined();
    expect(after(undefined, '2026-01-02T00:00:00.000Z')).toBeUndefined();
  });
});
