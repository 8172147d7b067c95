/** The host of a URL, with its port where it is not the scheme's own. */
function withPort(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;
}

/** Whether a list of `host` (any port of it) and `host:port` names a URL's host. */
export function namesHost(hosts: readonly string[], url: URL): boolean {
  return hosts.includes(url.hostname) || hosts.includes(withPort(url));
}

/** Whether a secret is for this URL: `host` is its scheme's own port alone. */
export function isHostOf(url: URL, host: string): boolean {
  return host === url.host || host === withPort(url);
}
