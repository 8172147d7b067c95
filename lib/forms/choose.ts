import type { FormName } from '../../contracts/schemas/form-names';
import type { ExportRules, FormFigures } from '../../contracts/schemas/forms';

/** What is measured of a form, before anything is decided. */
export type Measured = Omit<FormFigures, 'kept' | 'reason'>;

/** A form is faster where it takes at least so much less: less is the machine's mood. */
const clearly = 0.9;

/** To the hundredth: of thousands of pictures, what is lost may differ by less than a tenth from what may be. */
const points = (share: number): string => `${(share * 100).toFixed(2)} points`;

/**
 * Which form is served: of those that lose no more accuracy than they may, the fastest or the smallest. float32 stays where
 * no other is at least a tenth faster.
 *
 * @param measured - float32 first.
 */
export function chooseForm(
  measured: readonly Measured[],
  rules: ExportRules,
): { readonly forms: readonly FormFigures[]; readonly chosen: FormName } {
  const [plain] = measured;
  if (plain?.form !== 'float32') throw new Error('float32 is what the others are compared with');
  const lossOf = ({ accuracy }: Measured): number => plain.accuracy - accuracy;
  // Shares are quotients of whole numbers: of two that are equal, one may be 1e-17 larger.
  const isKept = (one: Measured): boolean => lossOf(one) <= rules.most_loss + 1e-9;
  const kept = measured.filter(isKept);
  const { choose } = rules;
  const best = choose === 'float32' ? plain : kept.reduce((one, other) => better(one, other, choose));
  const why = (one: Measured): string => {
    if (!isKept(one)) return `loses ${points(lossOf(one))}, and may lose ${points(rules.most_loss)}`;
    if (choose === 'float32') return one === plain ? 'asked for' : 'float32 is asked for';
    if (one === best && one !== plain) return `the ${choose} of those that are kept`;
    if (one !== best) return `not the ${choose}`;
    if (kept.length === 1) return measured.length === 1 ? 'the only form' : 'no other is kept';
    return `no other is ${choose === 'fastest' ? 'at least a tenth faster' : 'smaller'}`;
  };
  return {
    chosen: best.form,
    forms: measured.map((one) => ({ ...one, kept: isKept(one), reason: why(one) })),
  };
}

function better(one: Measured, other: Measured, by: 'fastest' | 'smallest'): Measured {
  if (by === 'smallest') return other.bytes < one.bytes ? other : one;
  const enough = one.form === 'float32' ? clearly : 1;
  return other.latencyMs.median < one.latencyMs.median * enough ? other : one;
}
