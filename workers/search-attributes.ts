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
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    const missing = Object.entries(indexedTypes).filter(([name]) => !(name in (customAttributes ?? {})));
    if (missing.length === 0) return;
    await operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(missing) });
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    // Another worker was faster; or, as on Temporal Cloud, an administrator adds them.
    if (code !== status.ALREADY_EXISTS && code !== status.PERMISSION_DENIED && code !== status.UNIMPLEMENTED)
      throw error;
    logger.warn('Search attributes were not added by this worker', {
      names: Object.keys(indexedTypes),
      error,
    });
  }
}

/** gRPC's status codes, of which only these matter here. */
const status = { ALREADY_EXISTS: 6, PERMISSION_DENIED: 7, UNIMPLEMENTED: 12 } as const;
