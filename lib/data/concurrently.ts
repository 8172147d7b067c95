/**
 * Does work on every item, at most `limit` at a time, and gives the results in the items' order. After the
 * first failure nothing more is begun; what is under way is waited for, so that nothing goes on behind it.
 *
 * @throws what the first failing work threw, or the signal's reason.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const queue = items.entries();
  let failure: { readonly error: unknown } | undefined;

  async function worker(): Promise<void> {
    // All workers take from one iterator, so each item is taken once.
    for (const [index, item] of queue) {
      try {
        signal?.throwIfAborted();
        results[index] = await work(item, index);
      } catch (error) {
        failure ??= { error };
      }
      if (failure !== undefined) return;
    }
  }

  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failure !== undefined) throw failure.error;
  return results;
}
