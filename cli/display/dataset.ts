import type { Finding, FindingKind } from '../../contracts/schemas/dataset';
import { duration } from './format';

/** `1,234`: figures of datasets are large, and must be read at a glance. */
export function count(number: number): string {
  return number.toLocaleString('en-US');
}

/** `1 picture`, `2 pictures`. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** How long ago: `5 min 03 s`, `12 d`. */
export function age(at: string, now: number): string {
  const milliseconds = now - Date.parse(at);
  const days = Math.floor(milliseconds / 86_400_000);
  return days >= 2 ? `${days} d` : duration(milliseconds);
}

/** `2026-11-25 02:22`, UTC. */
export function minute(at: string): string {
  return at.slice(0, 16).replace('T', ' ');
}

/** As a source names it, with nothing in it that moves a terminal's cursor. */
export function plainText(text: string): string {
  return text.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '�');
}

/** Each kind of finding: how many there are, and how many of them led to a file being left out. */
export function countFindings(
  findings: readonly Finding[],
): { readonly kind: FindingKind; readonly found: number; readonly dropped: number }[] {
  const kinds = new Map<FindingKind, { found: number; dropped: number }>();
  for (const { kind, dropped } of findings) {
    const of = kinds.get(kind) ?? { found: 0, dropped: 0 };
    kinds.set(kind, { found: of.found + 1, dropped: of.dropped + (dropped ? 1 : 0) });
  }
  return [...kinds].map(([kind, of]) => ({ kind, ...of })).sort((a, b) => b.found - a.found);
}

/** `3 damaged, 2 not a picture`; empty where nothing was left out. */
export function leftOutText(findings: readonly Finding[]): string {
  return countFindings(findings)
    .filter(({ dropped }) => dropped > 0)
    .map(({ kind, dropped }) => `${count(dropped)} ${kind.replaceAll('_', ' ')}`)
    .join(', ');
}
