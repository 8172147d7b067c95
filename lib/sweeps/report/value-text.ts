import { shellWord } from '../../page/shell-word';

/** A number as a page shows it: whole ones as they are, others to four significant digits. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return String(value);
  const short = Number(value.toPrecision(4));
  return size >= 1e-4 && size < 1e7 ? String(short) : short.toExponential().replace('e+', 'e');
}

/** Any parameter's value on one line; a trial that has none is `–`. */
export function valueText(value: unknown): string {
  if (value === undefined) return '–';
  if (typeof value === 'number') return numberText(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `lr=0.001`, as the command line takes it: no digit lost, a text that YAML would take for something else in quotes. */
export function overrideText(key: string, value: unknown): string {
  return shellWord(`${key}=${typeof value === 'string' && isPlain(value) ? value : JSON.stringify(value)}`);
}

function isPlain(text: string): boolean {
  return /^[A-Za-z_][\w./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
}

/** `validation_loss` as words. */
export function metricText(name: string): string {
  return name.replaceAll('_', ' ');
}
