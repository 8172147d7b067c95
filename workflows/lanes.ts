/** Parts of a dataset's work under way at once, spread over all `cpu` workers; far below the server's limit of 2,000. */
export const chunksAtOnce = 64;

/**
 * Works through `items` with at most `lanes` under way at once, results in the order of the items. After a
 * failure nothing more is begun, and it is thrown once every lane has come to rest.
 */
export async function inLanes<Item, Result>(
  lanes: number,
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const waiting = items.entries();
  let failed = false;
  const lane = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      if (failed) return;
      try {
        results[index] = await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(lanes, items.length) }, lane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return results;
}
