/** So many pictures are one activity's work, where there are not too many of them. */
const fewest = 256;

/**
 * So many activities at most: each is three events of a history and a hundred bytes of its messages, and a
 * history holds some thousands of them.
 */
const most = 600;

/** Divides a list into parts of some hundred items. */
export function chunked<Item>(items: readonly Item[], size = fewest): Item[][] {
  const each = Math.max(size, Math.ceil(items.length / most));
  return Array.from({ length: Math.ceil(items.length / each) }, (_, part) =>
    items.slice(part * each, (part + 1) * each),
  );
}
