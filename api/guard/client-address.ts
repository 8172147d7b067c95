import { isIPv4, isIPv6 } from 'node:net';

/**
 * What tells clients apart who show no key: an IPv4 address, or of an IPv6 one its first 64 bits, as a single household or machine has
 * all that begin with them (RFC 6177).
 */
export function clientOf(address: string | undefined): string {
  if (address === undefined || !isIPv6(address)) return address ?? 'unknown';
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined && isIPv4(mapped)) return mapped;
  const [before = '', after] = address.split('%', 1)[0]?.split('::') ?? [];
  const head = before === '' ? [] : before.split(':');
  if (after === undefined) return `${head.slice(0, 4).join(':')}::/64`;
  const tail = after === '' ? [] : after.split(':');
  // A dotted end stands for two groups; it lies beyond the first four, which alone are wanted.
  const tailGroups = tail.length + (tail.at(-1)?.includes('.') === true ? 1 : 0);
  const groups = [...head, ...Array<string>(Math.max(0, 8 - head.length - tailGroups)).fill('0'), ...tail];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
