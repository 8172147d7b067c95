/** `host`, `host:port`, `[address of IPv6]` or that with a port; in lower case. */
export const hostPattern = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;
