/** Licences as people write them, and Hugging Face's identifiers of them. */
const known: readonly (readonly [RegExp, string])[] = [
  [/\bapache[- ]2\.0\b/i, 'apache-2.0'],
  [/\bmit\b(?! licensed under)/i, 'mit'],
  [/\bcc[- ]by[- ]4\.0\b/i, 'cc-by-4.0'],
  [/\bcc[- ]by[- ]sa[- ]4\.0\b/i, 'cc-by-sa-4.0'],
  [/\bcc[- ]by[- ]nc[- ]4\.0\b/i, 'cc-by-nc-4.0'],
  [/\bcc[- ]by[- ]nc[- ]sa[- ]4\.0\b/i, 'cc-by-nc-sa-4.0'],
  [/\bcc[- ]by[- ]2\.0\b/i, 'cc-by-2.0'],
  [/\bcc0([- ]1\.0)?\b/i, 'cc0-1.0'],
  [/\b(ofl|open font license)\b/i, 'ofl-1.1'],
  [/\bodbl\b/i, 'odbl'],
  [/\b(agpl)[- ]?(v?3)/i, 'agpl-3.0'],
  [/\bgpl[- ]?(v?2)/i, 'gpl-2.0'],
  [/\bgpl[- ]?(v?3)/i, 'gpl-3.0'],
];

/** The licences that notes on the pictures name, by Hugging Face's identifiers, in the order of the table. */
export function licencesIn(notes: string): string[] {
  return known.filter(([pattern]) => pattern.test(notes)).map(([, identifier]) => identifier);
}

/**
 * The front matter's `license`: that of the pictures where it is one alone, and else `other`, with the names of
 * several. Nobody but a person can say what several together allow, so none of them is claimed for the model.
 *
 * @param notes - Markdown; what stands before its first heading is about licences
 */
export function licenceTags(notes: string | undefined): { license: string; license_name?: string } {
  const [about = ''] = (notes ?? '').split(/^## /m);
  const [first, ...more] = licencesIn(about);
  if (first !== undefined && more.length === 0) return { license: first };
  return {
    license: 'other',
    license_name: first === undefined ? 'of-the-pictures' : [first, ...more].join('-and-'),
  };
}
