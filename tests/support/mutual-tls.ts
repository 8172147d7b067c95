import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';

const openssl = async (...args: readonly string[]): Promise<void> => {
  await promisify(execFile)('openssl', args);
};

/** Paths of PEM files. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** An authority of a test's own, with a server's and a client's certificate, good for a day. */
export async function certificatesIn(
  folder: string,
): Promise<{ readonly authority: string; readonly server: Certificate; readonly client: Certificate }> {
  const file = (name: string) => join(folder, name);
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl(
    ...['req', '-x509', ...curve, '-days', '1', '-subj', '/CN=drover test authority'],
    ...['-keyout', file('authority.key'), '-out', file('authority.pem')],
  );
  await writeFile(file('server.ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  await writeFile(file('client.ext'), 'extendedKeyUsage=clientAuth\n');
  const issue = async (name: 'server' | 'client'): Promise<Certificate> => {
    await openssl(
      ...[
        'req',
        ...curve,
        '-subj',
        `/CN=${name}`,
        '-keyout',
        file(`${name}.key`),
        '-out',
        file(`${name}.csr`),
      ],
    );
    await openssl(
      ...['x509', '-req', '-in', file(`${name}.csr`), '-days', '1', '-extfile', file(`${name}.ext`)],
      ...['-CA', file('authority.pem'), '-CAkey', file('authority.key'), '-CAcreateserial'],
      ...['-out', file(`${name}.pem`)],
    );
    return { key: file(`${name}.key`), cert: file(`${name}.pem`) };
  };
  return { authority: file('authority.pem'), server: await issue('server'), client: await issue('client') };
}

/**
 * A front that takes TLS connections of clients with a certificate of the authority alone, and hands what they say to a port of this
 * machine: as a Temporal server with mTLS is reached.
 */
export async function startMutualTls(
  to: number,
  authority: string,
  { key, cert }: Certificate,
): Promise<{ readonly port: number; readonly refused: () => number; close(): void }> {
  const options = {
    ...{ key: await readFile(key), cert: await readFile(cert), ca: await readFile(authority) },
    ...{ requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'] },
  };
  let refused = 0;
  const open = new Set<{ destroy(): unknown }>();
  const server = createServer(options, (client) => {
    const behind = connect(to, '127.0.0.1');
    for (const [one, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  server.on('tlsClientError', () => (refused += 1));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    refused: () => refused,
    close() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
