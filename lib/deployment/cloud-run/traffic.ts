import { z } from 'zod';

/** One target of a service's traffic, by revision; `latest` follows whatever revision was ready last. */
export const shareSchema = z.strictObject({
  /** The revision's short name, or `latest`. */
  to: z.union([z.strictObject({ revision: z.string() }), z.literal('latest')]),
  percent: z.int(),
  tag: z.string().optional(),
});
export type Share = z.infer<typeof shareSchema>;

/** Whose traffic is shifted between which two, and what it was before. */
export interface Canary {
  /** The new revision. */
  readonly revision: string;
  /** The name that it has a URL of its own by. */
  readonly tag: string;
  /** The one that answered everything. */
  readonly old: string;
  readonly original: readonly Share[];
}

/** The revision that gets everything, or undefined where more than one gets some. */
export function soleRevision(shares: readonly Share[], latestReady: string): string | undefined {
  const given = new Map<string, number>();
  for (const { to, percent } of shares) {
    const revision = to === 'latest' ? latestReady : to.revision;
    given.set(revision, (given.get(revision) ?? 0) + percent);
  }
  const some = [...given].filter(([, percent]) => percent > 0);
  return some.length === 1 ? some[0]?.[0] : undefined;
}

/** Tagged addresses of other people's, which stay as they are. */
function othersTags({ original, old, tag, revision }: Canary): Share[] {
  return original.flatMap(({ to, tag: theirs }) => {
    if (theirs === undefined || theirs === tag) return [];
    const named = to === 'latest' ? old : to.revision;
    return named === revision ? [] : [{ to: { revision: named }, percent: 0, tag: theirs }];
  });
}

/** Traffic with `percent` for the new revision, which has its tag, and the rest for the old one, by its name. */
export function trafficAt(canary: Canary, percent: number): Share[] {
  const { revision, tag, old } = canary;
  return [
    ...(percent < 100 ? [{ to: { revision: old }, percent: 100 - percent }] : []),
    { to: { revision }, percent, tag },
    ...othersTags(canary),
  ];
}

/**
 * All for the old revision, by its name: where it was `latest`, that word would now mean the one that has failed.
 */
export function trafficBack(canary: Canary): Share[] {
  return [{ to: { revision: canary.old }, percent: 100 }, ...othersTags(canary)];
}

/** All for the new revision, without its tag. */
export function trafficSettled(canary: Canary): Share[] {
  return [{ to: { revision: canary.revision }, percent: 100 }, ...othersTags(canary)];
}

/** Whatever order they are in. */
export function sameTraffic(one: readonly Share[], other: readonly Share[]): boolean {
  return canonical(one) === canonical(other);
}

function canonical(shares: readonly Share[]): string {
  return shares
    .filter(({ percent, tag }) => percent > 0 || tag !== undefined)
    .map(({ to, percent, tag }) => `${to === 'latest' ? '*' : to.revision} ${percent} ${tag ?? ''}`)
    .sort()
    .join('\n');
}

/** For people: `90 % old, 10 % new`. */
export function trafficText(shares: readonly Share[]): string {
  const some = shares.filter(({ percent }) => percent > 0);
  return some.map(({ to, percent }) => `${percent} % ${to === 'latest' ? 'latest' : to.revision}`).join(', ');
}
