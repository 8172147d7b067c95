/** One value inside a document, by the names that lead to it. */
export interface Leaf {
  readonly path: readonly string[];
  readonly value: string;
}

/** A document's values in the order in which they stand there; a list is one value, and what is undefined none. */
export function leavesOf(value: unknown, path: readonly string[] = []): Leaf[] {
  if (value === undefined) return [];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, [...path, name]));
  }
  return [{ path, value: typeof value === 'string' ? value : JSON.stringify(value) }];
}
