/**
 * Does work on every item, at most `limit` at a time, taking the next only when there is a hand for it: an
 * endless source is never read ahead. After the first failure nothing more is begun; what is under way is
 * waited for, so that nothing goes on behind it.
 *
 * @throws what the first failing work, or the iteration itself, threw; or the signal's reason.
 */
export async function eachConcurrently<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  limit: number,
  work: (item: Item) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let failure: { readonly error: unknown } | undefined;
  let ended = false;
  // An async generator answers one call after another, so hands may ask at once.
  async function hand(): Promise<void> {
    while (failure === undefined && !ended) {
      try {
        signal?.throwIfAborted();
        const next = await iterator.next();
        if (next.done === true) ended = true;
        else await work(next.value);
      } catch (error) {
        failure ??= { error };
      }
    }
  }
  await Promise.all(Array.from({ length: limit }, hand));
  if (failure === undefined) return;
  await iterator.return?.();
  throw failure.error;
}

/**
 * As {@link eachConcurrently}, and gives the results in the items' order.
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
  await eachConcurrently(
    items.entries(),
    Math.min(limit, items.length),
    async ([index, item]) => {
      results[index] = await work(item, index);
    },
    signal,
  );
  return results;
}
