import { createHash } from 'node:crypto';
import { validationSchema, type Finding } from '../../contracts/schemas/dataset';
import type { CardContent, CardPicture } from '../../lib/data/card/content';

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A picture of a class; its number decides all else about it. */
export function cardPicture(label: string, number: number, given: Partial<CardPicture> = {}): CardPicture {
  const path = `${label}/${String(number).padStart(5, '0')}.jpg`;
  return {
    path,
    label,
    sha256: digest(path),
    split: number % 10 < 8 ? 'train' : number % 10 === 8 ? 'validation' : 'test',
    bytes: 10_000 + number,
    facts: {
      format: 'jpeg',
      width: 300 + (number % 7) * 40,
      height: 200 + (number % 5) * 60,
      frames: 1,
      depth: 8,
      space: 'rgb',
      alpha: false,
      orientation: 1,
      hash: digest(path),
      quality: 90,
      brightness: 60 + (number % 50) * 3,
      contrast: 30 + (number % 20) * 2,
    },
    ...given,
  };
}

export function cardFinding(kind: Finding['kind'], path: string, given: Partial<Finding> = {}): Finding {
  return { kind, path, dropped: false, reason: `It is ${kind}.`, ...given };
}

/** The card of two classes of sixty pictures, with nothing amiss, but for what is given. */
export function cardContent(given: Partial<CardContent> = {}): CardContent {
  const sixty = (label: string) => Array.from({ length: 60 }, (_, number) => cardPicture(label, number));
  return {
    name: 'animals',
    version: digest('a version'),
    at: '2026-11-25T02:11:18.000Z',
    source: 'file:///pictures/animals',
    licences: 'Photographs of our own.',
    split: { seed: 7, validation: 0.15, test: 0.15 },
    pictures: [...sixty('cat'), ...sixty('dog')],
    findings: [],
    rules: validationSchema.parse({}),
    thumbnail: async (sha256) => Buffer.from(`JPEG of ${sha256}`),
    ...given,
  };
}

/** Names as strangers give them to files and folders. */
export const hostileNames = [
  '<script>alert(1)</script>',
  `"><img src=x onerror=alert(2)>'`,
  '&lt;b&gt; & &amp;',
  '</style></title><!--',
  '${alert(3)}`',
  'حيوانات أليفة',
  'photo\u202egpj.exe',
  '\u0000\u0007bell',
  'javascript:alert(4)',
  'https://example.org/beacon.png',
  'long '.repeat(100),
  'w'.repeat(5000),
];
