import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Puts the messages and stacks of failures into payloads, so that the codec encrypts them, too. Named by its path, where payloads are
 * encrypted: by the worker, and by the second of the two workflow bundles.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
