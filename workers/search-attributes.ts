import { temporal } from '@temporalio/proto';
import { searchAttributes } from '../contracts/names';
import type { Logger } from '../lib/logging/logger';

const { INDEXED_VALUE_TYPE_DOUBLE, INDEXED_VALUE_TYPE_KEYWORD } = temporal.api.enums.v1.IndexedValueType;
const types = { KEYWORD: INDEXED_VALUE_TYPE_KEYWORD, DOUBLE: INDEXED_VALUE_TYPE_DOUBLE } as const;

/** What the server is asked to add. */
export const indexedTypes = Object.fromEntries(
  Object.entries(searchAttributes).map(([name, type]) => [name, types[type]]),
);

/** The part of a connection, of a client or of a worker, that this needs. */
interface Operator {
  readonly operatorService: {
    listSearchAttributes(request: {
      namespace: string;
    }): Promise<{ customAttributes?: Record<string, unknown> | null }>;
    addSearchAttributes(request: {
      namespace: string;
      searchAttributes: Record<string, number>;
    }): Promise<unknown>;
  };
}

/**
 * Registers Drover's search attributes on the namespace, those that are missing. A workflow that sets an
 * unknown attribute would stand still, so this comes before the first worker polls.
 */
export async function registerSearchAttributes(
  { operatorService }: Operator,
  namespace: string,
  logger: Logger,
): Promise<void> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing = Object.entries(indexedTypes).filter(([name]) => !(name in (customAttributes ?? {})));
  if (missing.length === 0) return;
  try {
    await operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing),
    });
  } catch (error) {
    // Another worker may have been faster; and on Temporal Cloud an administrator adds them.
    logger.warn('Search attributes could not be added', { names: missing.map(([name]) => name), error });
  }
}
