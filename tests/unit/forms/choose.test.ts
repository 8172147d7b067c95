import { describe, expect, it } from '@jest/globals';
import type { FormName } from '../../../contracts/schemas/form-names';
import { exportSchema } from '../../../contracts/schemas/forms';
import { chooseForm, type Measured } from '../../../lib/forms/choose';

function measured(form: FormName, accuracy: number, median: number, bytes: number): Measured {
  const model = { uri: `store://${form}`, sha256: form };
  return {
    form,
    model,
    bytes,
    gzipped: bytes,
    latencyMs: { median, p95: median },
    accuracy,
    loss: 0.3,
    agreement: 1,
  };
}

const plain = measured('float32', 0.9, 10, 400);
const half = measured('float16', 0.9, 10.1, 200);
const rules = (given: object) => exportSchema.parse(given);

describe('the form that is served', () => {
  it('is the fastest of those that lose no more than they may', () => {
    const { chosen, forms } = chooseForm(
      [plain, half, measured('int8', 0.896, 5, 100)],
      rules({ most_loss: 0.005 }),
    );
    expect(chosen).toBe('int8');
    expect(forms.map(({ kept }) => kept)).toEqual([true, true, true]);
    expect(forms.map(({ reason }) => reason)).toEqual([
      'not the fastest',
      'not the fastest',
      'the fastest of those that are kept',
    ]);
  });

  it('is not one that loses more, which is told', () => {
    const { chosen, forms } = chooseForm(
      [plain, half, measured('int8', 0.88, 5, 100)],
      rules({ most_loss: 0.005 }),
    );
    expect(chosen).toBe('float32');
    expect(forms[2]).toMatchObject({ kept: false, reason: 'loses 2.00 points, and may lose 0.50 points' });
  });

  it('that loses a little more than it may is not said to lose as much', () => {
    const { forms } = chooseForm(
      [plain, measured('int8', 0.9 - 0.0052, 5, 100)],
      rules({ most_loss: 0.005 }),
    );
    expect(forms[1]?.reason).toBe('loses 0.52 points, and may lose 0.50 points');
  });

  it('stays float32 where the other is hardly faster', () => {
    const { chosen, forms } = chooseForm([plain, measured('int8', 0.9, 9.5, 100)], rules({}));
    expect(chosen).toBe('float32');
    expect(forms[0]?.reason).toBe('no other is at least a tenth faster');
  });

  it('may lose exactly what it may', () => {
    const { forms } = chooseForm([plain, measured('int8', 0.9 - 0.005, 5, 100)], rules({ most_loss: 0.005 }));
    expect(forms[1]?.kept).toBe(true);
  });

  it('is the smallest where that is asked for', () => {
    expect(chooseForm([plain, half], rules({ choose: 'smallest' })).chosen).toBe('float16');
  });

  it('is float32 where that is asked for, whatever the others are', () => {
    const { chosen, forms } = chooseForm(
      [plain, measured('int8', 0.95, 1, 100)],
      rules({ choose: 'float32' }),
    );
    expect(chosen).toBe('float32');
    expect(forms.map(({ reason }) => reason)).toEqual(['asked for', 'float32 is asked for']);
  });
});
