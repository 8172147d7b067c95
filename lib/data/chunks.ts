/**
 * So many activities at most: each is some five events of a history with the decisions between them, and a history should
 * hold no more than some thousands.
 */
const most = 800;

/**
 * Divides a list into parts of one activity's work.
 *
 * @param size - items a part, where that does not make too many parts
 */
export function chunked<Item>(items: readonly Item[], size = 256): Item[][] {
  const each = Math.max(size, Math.ceil(items.length / most));
  return Array.from({ length: Math.ceil(items.length / each) }, (_, part) =>
    items.slice(part * each, (part + 1) * each),
  );
}
