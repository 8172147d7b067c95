import { BlockList, isIPv4 } from 'node:net';

/** Of IPv4, what is not an address of one machine on the public internet: IANA's special-purpose registry. */
const specialIPv4 = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // carriers' NAT
  ['127.0.0.0', 8],
  ['169.254.0.0', 16], // link-local, and the clouds' metadata servers
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4],
] as const) {
  specialIPv4.addSubnet(network, bits, 'ipv4');
}

/** Of IPv6, one block is the public internet's; these parts of it are not. */
const globalIPv6 = new BlockList();
globalIPv6.addSubnet('2000::', 3, 'ipv6');
const specialIPv6 = new BlockList();
specialIPv6.addSubnet('2001::', 23, 'ipv6'); // Teredo and protocols' own
specialIPv6.addSubnet('2001:db8::', 32, 'ipv6');
specialIPv6.addSubnet('2002::', 16, 'ipv6'); // 6to4, which leads to any IPv4 address
specialIPv6.addSubnet('3fff::', 20, 'ipv6');

/** Prefixes of 96 bits with an IPv4 address behind them: mapped, and NAT64 (RFC 6052). */
const carriersOfIPv4 = ['0:0:0:0:0:ffff', '64:ff9b:0:0:0:0'];

/** Eight groups of at most four hexadecimal digits, or undefined where it is no address. */
function groupsOf(address: string): string[] | undefined {
  let written: string;
  try {
    // Written in one way only: no dotted end, no leading zeros.
    written = new URL(`http://[${address}]`).hostname.slice(1, -1);
  } catch {
    return undefined;
  }
  const [before = '', after] = written.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  return [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
}

function carriedIPv4(groups: readonly string[]): string | undefined {
  if (!carriersOfIPv4.includes(groups.slice(0, 6).join(':'))) return undefined;
  const [high = 0, low = 0] = groups.slice(6).map((group) => parseInt(group, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/**
 * Whether an address is of the public internet: not loopback, private, link-local (the clouds' metadata servers
 * are there), a carrier's, multicast, or reserved; nor an IPv6 address that carries such an IPv4 one.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !specialIPv4.check(address, 'ipv4');
  const groups = groupsOf(address);
  if (groups === undefined) return false;
  const carried = carriedIPv4(groups);
  if (carried !== undefined) return isPublicAddress(carried);
  const written = groups.join(':');
  return globalIPv6.check(written, 'ipv6') && !specialIPv6.check(written, 'ipv6');
}
