'use strict';

/**
 * Healthy is a worker that holds a connection to Temporal. A worker listens on nothing, so this looks at the
 * container's own table of connections (Linux; `proc(5)`, /proc/net/tcp: state 01 is ESTABLISHED).
 */
const { existsSync, readFileSync } = require('node:fs');

const address = process.env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233';
const port = Number(address.split(':').at(-1)).toString(16).toUpperCase().padStart(4, '0');

const connected = ['/proc/net/tcp', '/proc/net/tcp6'].filter(existsSync).some((table) =>
  readFileSync(table, 'utf8')
    .split('\n')
    .slice(1)
    .map((row) => row.trim().split(/\s+/))
    .some(([, , remote, state]) => state === '01' && remote?.endsWith(`:${port}`)),
);
process.exitCode = connected ? 0 : 1;
