/** How figures are written on a page: the same on every machine, whatever its language. */

const counts = new Intl.NumberFormat('en-GB');

/** `2,443` */
export function count(value: number): string {
  return counts.format(value);
}

/** `1 picture`, `2,443 pictures` */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `1.5 %`; never `0.0 %` of what there is, nor `100.0 %` of what is not all. */
export function percent(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0 %';
  if (part === whole) return '100 %';
  const share = (100 * part) / whole;
  if (share < 0.1) return '< 0.1 %';
  if (share > 99.9) return '> 99.9 %';
  return `${share.toFixed(1)} %`;
}

/** `54.2 MB`, in powers of 1000. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let rest = value;
  let unit = 0;
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  return `${unit > 0 && rest < 99.95 ? rest.toFixed(1) : rest.toFixed(0)} ${units[unit] ?? ''}`;
}

/** `1.9`, or `19` where the tenths say nothing. */
export function ratio(value: number): string {
  return value < 9.95 ? value.toFixed(1) : count(Math.round(value));
}

/** `5.2 s`, `45 s`, `3.3 min`, `2.1 h` */
export function duration(seconds: number): string {
  if (seconds < 59.5) return `${ratio(seconds)} s`;
  return seconds < 3570 ? `${ratio(seconds / 60)} min` : `${ratio(seconds / 3600)} h`;
}

/** `25 November 2026, 02:11 UTC`; what is no date stays as it is. */
export function moment(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const written = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(date);
  return `${written}, ${date.toISOString().slice(11, 16)} UTC`;
}
