import { describe, expect, it } from '@jest/globals';
import type { GateOutcome, PromotionRecord } from '../../../contracts/schemas/promotion';
import { plainColours } from '../../../cli/display/format';
import { promotionLines, waitingLines } from '../../../cli/display/promotion';

const gates: GateOutcome[] = [
  {
    ...{ gate: 'accuracy ≥ 0.2', verdict: 'pass', value: 0.606, limit: 0.2 },
    ...{ why: 'accuracy is 0.606', onUndecided: 'refuse' },
  },
  {
    ...{ gate: 'recall of cat not worse by 0.1', verdict: 'undecided', value: null, limit: -0.1 },
    ...{ why: 'about 26 pictures would decide it', onUndecided: 'approve-by-person' },
  },
];

describe('promotionLines', () => {
  it('shows the verdict, the reason, a row a gate, and why of those that did not pass', () => {
    const lines = promotionLines(
      { model: 'animals', version: 2 },
      { promoted: false, champion: 1, reason: 'too slow', state: 'refused', gates, uses: 3 },
      plainColours,
    );
    expect(lines).toEqual([
      '',
      'animals version 2 was not promoted',
      'because     too slow',
      'champion    version 1',
      '',
      'gate                            number  limit  verdict',
      'accuracy ≥ 0.2                   0.606    0.2  pass',
      'recall of cat not worse by 0.1       –   -0.1  undecided',
      '',
      'recall of cat not worse by 0.1: about 26 pictures would decide it',
      '',
      'These test pictures were asked by 3 promotions of this model so far.',
    ]);
  });

  it('says of a promotion by an older version of Drover what there is', () => {
    const old = { promoted: true, champion: 2, reason: 'better' };
    expect(promotionLines({ model: 'animals', version: 2 }, old, plainColours)).toEqual([
      '',
      'animals version 2 is the champion',
      'because     better',
    ]);
  });
});

describe('waitingLines', () => {
  it('says until when a person is waited for, and how to decide', () => {
    const at = '2026-01-02T03:04:05.000Z';
    const record: PromotionRecord = {
      ...{ id: 'v2-x', model: 'animals', version: 2, state: 'waiting', dryRun: false, by: 'Ada' },
      ...{ workflow: 'promote-animals-v2', startedAt: at, champion: null, reason: 'all passed', gates },
      evaluation: { uri: 'store://e', sha256: 'a'.repeat(64) },
      gateSet: {
        manifest: { uri: 'store://m', sha256: 'b'.repeat(64) },
        ...{ split: 'test', pictures: 50, uses: 1 },
        warning: 'asked too often',
      },
      approval: { since: at, deadline: at, reminders: 0 },
    };
    const text = waitingLines(record, plainColours).join('\n');
    expect(text).toContain('animals version 2 waits for a person');
    expect(text).toContain('champion    none');
    expect(text).toContain('asked by 1 promotion of this model so far.\nasked too often');
    expect(text).toContain(`Until ${at}, then it is not promoted:`);
    expect(text).toContain('npx drover approve promote-animals-v2 --by NAME --reason WHY');
  });
});
