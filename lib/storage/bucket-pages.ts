/** Objects that one request lists. */
export const pageSize = 1_000;

/** The client types the next page's query as any object; all but its token is what was asked before. */
export function nextPageToken(query: unknown): string | undefined {
  if (typeof query !== 'object' || query === null || !('pageToken' in query)) return undefined;
  return typeof query.pageToken === 'string' ? query.pageToken : undefined;
}
