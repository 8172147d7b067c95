import type { Profile, StepPart } from '../../contracts/schemas/rehearsal';
import type { Colours } from './format';
import { percent } from './format';
import { table } from './table';

const partNames: Readonly<Record<StepPart, string>> = {
  batch: 'choosing and drawing',
  input: 'copying in, augmenting',
  forward: 'forward',
  loss: 'loss',
  backward: 'backward',
  optimiser: 'optimiser',
  between: 'between steps',
};

/** Operations that are shown by name. */
const mostOperations = 20;

/** What a profile says, as tables: the step and its parts, then layers, then operations. */
export function profileLines(profile: Profile, colours: Colours): string[] {
  const { subject, steps } = profile;
  const { bold, dim } = colours;
  const count = steps.length;
  const total = sum(steps);
  const inOperations = sum(profile.parts.map(({ operations }) => operations));
  const share = (milliseconds: number): string => percent(total === 0 ? 0 : milliseconds / total);
  const each = (milliseconds: number): string => (milliseconds / count).toFixed(2);

  const parts = profile.parts
    .filter(({ milliseconds }) => milliseconds > 0)
    .map(({ name, milliseconds, operations }) => [
      partNames[name],
      each(milliseconds),
      share(milliseconds),
      each(operations),
      each(Math.max(0, milliseconds - operations)),
    ]);
  parts.push(['in all', each(total), share(total), each(inOperations), each(total - inOperations)]);

  const layers = profile.layers.map(({ name, forward, backward }) => [
    name,
    each(forward),
    each(backward),
    share(forward + backward),
  ]);

  const named = profile.operations.slice(0, mostOperations);
  const others = profile.operations.slice(mostOperations);
  const operations = named.map(({ name, calls, milliseconds, largest }) => [
    name,
    String(calls),
    milliseconds.toFixed(1),
    share(milliseconds),
    ((milliseconds * 1000) / calls).toFixed(0),
    largest.length === 0 ? '' : largest.join('×'),
  ]);
  if (others.length > 0) {
    const calls = sum(others.map((other) => other.calls));
    const milliseconds = sum(others.map((other) => other.milliseconds));
    const mean = ((milliseconds * 1000) / calls).toFixed(0);
    operations.push([
      `${others.length} others`,
      String(calls),
      milliseconds.toFixed(1),
      share(milliseconds),
      mean,
      '',
    ]);
  }

  const sorted = steps.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor((count - 1) / 2)] ?? 0;
  return [
    `${bold(`${middle.toFixed(2)} ms`)} a step in the median of ${count} (${(sorted[0] ?? 0).toFixed(2)} to ` +
      `${(sorted.at(-1) ?? 0).toFixed(2)}), ${Math.round((subject.batch * count * 1000) / total)} pictures a second`,
    dim(
      `phase ${subject.phase}, ${subject.batch} pictures a step, ${subject.parameters} parameters, ` +
        `TensorFlow ${subject.tensorflow} on ${subject.device}`,
    ),
    ...(subject.device === 'gpu'
      ? [
          'A GPU is given its operations and works on them later: times are those of the launch, and a download waits ' +
            'for whatever was launched before it.',
        ]
      : []),
    '',
    ...table(['part of a step', 'ms', 'share', 'operations', 'outside'], parts, new Set([1, 2, 3, 4])),
    '',
    ...table(['layer', 'forward ms', 'backward ms', 'share'], layers, new Set([1, 2, 3])),
    '',
    ...table(
      ['operation', 'calls', 'total ms', 'share', 'mean µs', 'largest input'],
      operations,
      new Set([1, 2, 3, 4]),
    ),
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
