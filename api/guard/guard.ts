import { Router, type RequestHandler } from 'express';
import type { GuardSettings } from '../../contracts/schemas/guard';
import type { Logger } from '../../lib/logging/logger';
import { openApiKeys } from './api-keys';
import { allowOrigins, refuseStrangePages } from './cors';
import { knowKey, requireKey } from './key-check';
import { createRateLimit } from './rate-limit';

/** What stands before the API's routes. */
export interface Guard {
  /** Express' `trust proxy`: whose X-Forwarded-For says who asks. Nobody's where it is empty. */
  readonly trustedProxies: readonly string[];
  /** To be used after the request's id is known, before the routes. */
  readonly handlers: readonly RequestHandler[];
}

interface GuardOptions {
  readonly settings: Pick<
    GuardSettings,
    'apiKeys' | 'apiKeysAlso' | 'rateLimit' | 'trustedProxies' | 'corsOrigins'
  >;
  readonly logger: Logger;
}

/**
 * Matched by express itself, as the routes are: in any case of letters, with a slash at the end or without, and all that lies below.
 * Its page, its documents and its health stay open.
 */
const guarded = ['/get_prediction', '/v1'];

/**
 * API keys, limits of requests, and pages of other origins, as far as the settings ask for them.
 *
 * @throws Failure `configuration-invalid` where the file of keys cannot be read
 */
export async function createGuard({ settings, logger }: GuardOptions): Promise<Guard> {
  const { apiKeys, apiKeysAlso, rateLimit, corsOrigins, trustedProxies } = settings;
  const router = Router();
  if (corsOrigins.length > 0) router.use(allowOrigins(corsOrigins));
  router.use(guarded, refuseStrangePages(corsOrigins));
  const keys = apiKeys === undefined ? undefined : await openApiKeys({ file: apiKeys, logger });
  const closed = [...guarded, ...apiKeysAlso.map((path) => `/${path}`)];
  if (keys !== undefined) router.use(closed, knowKey(keys));
  // Those whose key is refused are counted too, by their address.
  if (rateLimit !== undefined) router.use(closed, await createRateLimit(rateLimit));
  if (keys !== undefined) router.use(closed, requireKey());
  return { trustedProxies, handlers: [router] };
}
