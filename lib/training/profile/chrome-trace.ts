import type { Span } from './recorder';

/**
 * Spans as a browser draws them: `chrome://tracing` and Perfetto read this ("Trace Event Format", complete events). Times are
 * microseconds from the first span's start, on one line of one process.
 *
 * @param about - Said of the process as a whole.
 */
export function chromeTrace(
  spans: readonly Span[],
  about: Readonly<Record<string, string | number>>,
): string {
  const zero = spans.reduce((first, { start }) => Math.min(first, start), Infinity);
  // Whole nanoseconds, so that what ends with its surroundings is not said to end after them.
  const nanoseconds = (at: number): number => Math.round((at - zero) * 1e6);
  const place = { pid: 1, tid: 1 };
  const events = spans.map(({ kind, name, start, end, shapes }) => ({
    name,
    cat: kind,
    ph: 'X',
    ts: nanoseconds(start) / 1000,
    dur: (nanoseconds(end) - nanoseconds(start)) / 1000,
    ...place,
    ...(shapes && shapes.length > 0 && { args: { inputs: shapes.map((shape) => `[${shape.join(', ')}]`) } }),
  }));
  const names = [
    { name: 'process_name', ph: 'M', ...place, args: { name: 'drover profile' } },
    { name: 'thread_name', ph: 'M', ...place, args: { name: 'training' } },
  ];
  return JSON.stringify({ traceEvents: [...names, ...events], displayTimeUnit: 'ms', otherData: about });
}
