import { describe, expect, it } from '@jest/globals';
import { driftFindingsSchema, driftSettingsSchema } from '../../../contracts/schemas/drift';
import { compareWindow } from '../../../lib/drift/compare';
import { holm } from '../../../lib/drift/holm';
import { statisticColumns, type Observations } from '../../../lib/drift/observations';
import { decodeObservations, encodeObservations } from '../../../lib/drift/observations-file';
import { createRandom } from '../../../lib/random';

const [dimensions, classes] = [8, 3];
const settings = driftSettingsSchema.parse({ permutations: 199, false_alarm: 0.05, least: 60 });

/** Observations of no model: normal embeddings about `mean`, even probabilities. */
function observed(seed: string, count: number, mean = 0, labelled = false): Observations {
  const random = createRandom(seed);
  const values = (many: number, about = 0) =>
    Float32Array.from({ length: many }, () => about + random.normal());
  const probabilities = new Float32Array(count * classes);
  for (let picture = 0; picture < count; picture += 1) {
    const drawn = Array.from({ length: classes }, () => random.next());
    const sum = drawn.reduce((total, one) => total + one, 0);
    probabilities.set(
      drawn.map((one) => one / sum),
      picture * classes,
    );
  }
  return {
    ...{ count, dimensions, classes, probabilities },
    embeddings: values(count * dimensions, mean),
    statistics: statisticColumns(() => values(count)),
    labels: Int32Array.from({ length: count }, () => (labelled ? random.int(classes) : -1)),
  };
}

describe('a window compared with a reference', () => {
  it('is quiet on pictures from the same source, and finds embeddings that moved, the same each time', async () => {
    const reference = observed('reference', 120);
    const quiet = await compareWindow(reference, observed('window', 80), settings);
    expect(driftFindingsSchema.parse(quiet.findings).verdict).toBe('quiet');
    const moved = observed('moved', 80, 0.8);
    const found = await compareWindow(reference, moved, settings);
    expect(driftFindingsSchema.parse(found.findings).verdict).toBe('drift');
    const drifted = found.findings.checks.filter(({ verdict }) => verdict === 'drift').map(({ id }) => id);
    expect(drifted).toEqual(expect.arrayContaining(['mmd', 'domain-classifier']));
    expect(drifted).not.toContain('brightness');
    expect(found.beyond).toHaveLength(80);
    expect(await compareWindow(reference, moved, settings)).toEqual(found);
  });

  it('says of a window that is too small how many pictures are needed', async () => {
    const { findings } = await compareWindow(observed('reference', 120), observed('few', 59), settings);
    expect(findings).toMatchObject({ verdict: 'too-few', needed: 60, checks: [] });
    expect(findings.reason).toBe('The window has 59 pictures; 60 are needed.');
  });

  it('shows what labels say, and judges by it only where that is asked for: users label what was answered wrongly', async () => {
    const mistaken = observed('window', 80, 0, true);
    mistaken.labels.forEach((_, at) => {
      const answers = [...mistaken.probabilities.subarray(at * classes, (at + 1) * classes)];
      mistaken.labels[at] = answers.indexOf(Math.min(...answers));
    });
    const reference = observed('reference', 120, 0, true);
    const shown = await compareWindow(reference, mistaken, settings);
    expect(shown.findings.verdict).toBe('quiet');
    const accuracy = shown.findings.checks.find(({ id }) => id === 'accuracy');
    expect(accuracy).toMatchObject({ verdict: 'shown', adjusted: null, threshold: null });
    expect(accuracy?.statistic).toBeLessThan(0);
    expect(accuracy?.p).toBeLessThan(0.001);
    const judged = await compareWindow(reference, mistaken, { ...settings, feedback: 'judged' });
    expect(judged.findings.checks.find(({ id }) => id === 'accuracy')).toMatchObject({ verdict: 'drift' });
    expect(judged.findings.reason).toContain(`of ${judged.findings.checks.length} checks`);
    expect(shown.findings.reason).toContain(`of ${shown.findings.checks.length - 2} checks`);
  });

  it('says of accuracy how many labels are needed, and compares all else', async () => {
    const { findings } = await compareWindow(
      observed('reference', 120, 0, true),
      observed('window', 80),
      settings,
    );
    expect(findings.verdict).toBe('quiet');
    expect(findings.checks.find(({ id }) => id === 'accuracy')).toMatchObject({
      ...{ verdict: 'too-few', needed: 50, p: null },
      why: 'The window has 0 pictures whose class is known; 50 are needed.',
    });
  });

  it('calls classes by their names where it is told them, and by their numbers else', async () => {
    const [reference, window] = [observed('reference', 120), observed('window', 80)];
    const said = async (classNames?: readonly string[]) => {
      const options = classNames === undefined ? {} : { classNames };
      const { findings } = await compareWindow(reference, window, settings, options);
      return findings.checks.find(({ id }) => id === 'classes')?.why;
    };
    expect(await said(['cat', 'dog', 'hen'])).toMatch(/that of class (cat|dog|hen), by/);
    expect(await said()).toMatch(/that of class [012], by/);
  });

  it('refuses observations of another model', async () => {
    const other = { ...observed('other', 80), dimensions: 4 };
    const halved = { ...other, embeddings: other.embeddings.slice(0, 80 * 4) };
    await expect(compareWindow(observed('reference', 120), halved, settings)).rejects.toThrow(
      'The reference has 8 dimensions and the window 4',
    );
  });
});

describe("Holm's correction", () => {
  it('with equal weights is that of statsmodels', () => {
    // multipletests([0.01, 0.04, 0.03, 0.005], method='holm')
    const tests = [0.01, 0.04, 0.03, 0.005].map((p) => ({ p, weight: 0.25 }));
    expect(holm(tests).map((p) => Number(p.toFixed(12)))).toEqual([0.03, 0.06, 0.06, 0.02]);
  });

  it('with weights takes the least p for its weight first', () => {
    const adjusted = holm([
      { p: 0.01, weight: 0.25 },
      { p: 0.02, weight: 0.75 },
    ]);
    expect(adjusted[1]).toBeCloseTo(0.02 / 0.75, 12);
    expect(adjusted[0]).toBeCloseTo(0.02 / 0.75, 12);
  });
});

describe('observations as a file', () => {
  const bytes = encodeObservations(observed('file', 5, 0, true));

  it('come back as they were', () => {
    expect(decodeObservations(bytes, 'a file')).toEqual(observed('file', 5, 0, true));
  });

  it.each([
    ['cut off', bytes.subarray(0, bytes.length - 1), 'bytes follow its first line'],
    ['changed', Uint8Array.from(bytes, (byte, at) => (at === bytes.length - 30 ? byte ^ 1 : byte)), 'digest'],
    ['of something else', Buffer.from('{"a": 1}\n'), 'its first line'],
    ['empty', new Uint8Array(0), 'its first line'],
  ])('are refused where %s', (_what, damaged, why) => {
    expect(() => decodeObservations(damaged, 'a file')).toThrow(why);
  });
});
