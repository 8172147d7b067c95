import { isIP, isIPv4 } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import { hostPattern } from './hosts';

/** Words, separated by commas or spaces, each of which must be as `isOne` has it. */
function list(isOne: (word: string) => boolean, expected: string) {
  return z
    .string()
    .default('')
    .transform((words) => words.split(/[\s,]+/).filter((word) => word !== ''))
    .refine((words) => words.every(isOne), expected);
}

function isNetwork(word: string): boolean {
  const [address = '', bits, ...more] = word.split('/');
  if (isIP(address) === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (isIPv4(address) ? 32 : 128));
}

function isOrigin(word: string): boolean {
  return URL.canParse(word) && /^https?:/.test(word) && new URL(word).origin === word;
}

/** As words of `DROVER_API_KEYS_ALSO`. */
const closable = ['metrics', 'models'] as const;
type Closable = (typeof closable)[number];

const isClosable = (word: string): word is Closable => closable.some((name) => name === word);

const windowSeconds = { s: 1, m: 60, h: 3600 } as const;

/** Who may ask the API, and how often: variables of the environment, each of which is off where it isn't set. */
export const guardVariables = {
  DROVER_API_KEYS: z.string().optional().describe('the file of the keys that the API asks for'),
  DROVER_API_KEYS_ALSO: list(isClosable, `${closable.join(' or ')}, separated by commas`)
    .transform((words) => words.filter(isClosable))
    .describe('what else is closed without a key'),
  DROVER_RATE_LIMIT: z
    .string()
    .regex(/^[1-9]\d{0,8}\/[smh]$/, 'requests in a second, minute or hour, such as 100/s or 6000/m')
    .optional()
    .describe('of each key, or of each address where no key is shown'),
  DROVER_TRUSTED_PROXIES: list(
    isNetwork,
    'addresses or networks, such as 10.0.0.0/8, separated by commas',
  ).describe('whose X-Forwarded-For is believed'),
  DROVER_CORS_ORIGINS: list(
    isOrigin,
    'origins, such as https://shop.example, separated by commas, without a path',
  ).describe('whose pages may ask the API from a browser'),
  DROVER_URL_HOSTS: list(
    (word) => word === '*' || hostPattern.test(word.toLowerCase()),
    'hosts, or host:port, separated by commas; or * for any',
  ).describe('that the API may fetch pictures from; none of a private address'),
};

/** Who may ask the API, and how often. */
export interface GuardSettings {
  /** An absolute path; undefined where nobody needs a key. */
  readonly apiKeys: string | undefined;
  readonly apiKeysAlso: readonly Closable[];
  readonly rateLimit: { readonly requests: number; readonly seconds: number } | undefined;
  /** Addresses and CIDRs. */
  readonly trustedProxies: readonly string[];
  readonly corsOrigins: readonly string[];
  /** In lower case; `*` among them means any. */
  readonly urlHosts: readonly string[];
}

type GuardEnvironment = z.infer<z.ZodObject<typeof guardVariables>>;

/** @param project - The folder that a relative path is meant from. */
export function guardSettings(env: GuardEnvironment, project: string): GuardSettings {
  return {
    apiKeys: env.DROVER_API_KEYS === undefined ? undefined : resolve(project, env.DROVER_API_KEYS),
    apiKeysAlso: env.DROVER_API_KEYS_ALSO,
    rateLimit: env.DROVER_RATE_LIMIT === undefined ? undefined : rateOf(env.DROVER_RATE_LIMIT),
    trustedProxies: env.DROVER_TRUSTED_PROXIES,
    corsOrigins: env.DROVER_CORS_ORIGINS,
    urlHosts: env.DROVER_URL_HOSTS.map((host) => host.toLowerCase()),
  };
}

function rateOf(rate: string): GuardSettings['rateLimit'] {
  const [requests, unit] = rate.split('/');
  const seconds = unit === 's' || unit === 'm' ? windowSeconds[unit] : windowSeconds.h;
  return { requests: Number(requests), seconds };
}
