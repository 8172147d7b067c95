import { z } from 'zod';
import { splitOf } from '../../split-words';

/** Numbers are classes and groups as often as words are. */
const word = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => {
    const text = value === null || value === undefined ? '' : String(value).trim();
    return text === '' ? undefined : text;
  });

/** Further keys, such as a caption, are nobody's concern here. */
const rowSchema = z
  .object({
    url: word,
    path: word,
    label: word,
    split: word
      .refine(
        (name) => name === undefined || splitOf(name) !== undefined,
        'expected train, validation or test',
      )
      .transform((name) => (name === undefined ? undefined : splitOf(name))),
    group: word,
    sha256: word
      .refine((sum) => sum === undefined || /^[0-9a-f]{64}$/i.test(sum), 'expected 64 hexadecimal digits')
      .transform((sum) => sum?.toLowerCase()),
  })
  .refine(({ url, path }) => url !== undefined || path !== undefined, 'it has neither url nor path');

/** What a manifest says of one picture. */
export type ManifestRow = z.infer<typeof rowSchema>;

/** A row as it is meant, or what is wrong with it; values are not echoed: a URL may hold a token. */
export function readRow(value: unknown): { readonly row: ManifestRow } | { readonly wrong: string } {
  const parsed = rowSchema.safeParse(value);
  if (parsed.success) return { row: parsed.data };
  const [issue] = parsed.error.issues;
  const key = issue?.path.join('.') ?? '';
  return {
    wrong: key === '' ? (issue?.message ?? 'it is no object') : `${key}: ${issue?.message ?? 'it is wrong'}`,
  };
}
