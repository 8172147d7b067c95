import { type BadInput, group } from './bad-input';
import { sendRaw } from './raw-request';

/** What is asked for. */
export function paths(): BadInput[] {
  // As they are: fetch would put them right.
  const get =
    (target: string, method = 'GET'): BadInput['send'] =>
    ({ port }) =>
      sendRaw(port, `${method} ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
  const nothing = [404, 'not-found'] as const;
  return group('Paths and methods', [
    ['an unknown path', get('/get_predictions'), ...nothing],
    ['/../../etc/passwd', get('/../../etc/passwd'), ...nothing],
    ['/..%2f..%2fetc%2fpasswd', get('/..%2f..%2fetc%2fpasswd'), ...nothing],
    ['/..\\..\\windows', get('/..\\..\\windows'), ...nothing],
    ['//, which is the page', get('//'), 200],
    ['/%00', get('/%00'), ...nothing],
    ['/problems/..%2f..%2fpackage.json', get('/problems/..%2f..%2fpackage.json'), ...nothing],
    ['/problems/__proto__', get('/problems/__proto__'), ...nothing],
    ['a path that is not UTF-8', get('/problems/%ff%fe'), 400, 'request-invalid'],
    ['a path with a percent sign alone', get('/problems/%'), 400, 'request-invalid'],
    ['a path of 20,000 letters', get(`/${'a'.repeat(20_000)}`), 431, 'headers-too-large'],
    ['GET where pictures are posted', get('/get_prediction'), 405, 'method-refused'],
    ['DELETE', get('/v1/model', 'DELETE'), 405, 'method-refused'],
    ['TRACE', get('/', 'TRACE'), 405, 'method-refused'],
    ['a method that there is not', get('/', 'FETCH'), 400, 'request-invalid'],
  ]);
}

/** How it is asked: below what a client of HTTP would let through. */
export function connections(good: Buffer): BadInput[] {
  const head = (more: string): string =>
    `POST /get_prediction HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\n${more}\r\n`;
  const raw =
    (bytes: string | Buffer, options?: { end?: boolean }): BadInput['send'] =>
    ({ port }) =>
      sendRaw(port, bytes, options);
  const slow =
    (bytes: string, drip = ''): BadInput['send'] =>
    ({ hastyPort }) =>
      sendRaw(hastyPort, bytes, { drip });
  const invalid = [400, 'request-invalid'] as const;
  const withBody = (more: string, body: Buffer): Buffer => Buffer.concat([Buffer.from(head(more)), body]);
  return group('Connections', [
    ['no HTTP', raw('hello\r\n\r\n'), ...invalid],
    ['TLS, where none is spoken', raw(Buffer.from('16030100c8010000c40303', 'hex')), ...invalid],
    [
      'a header of 20,000 letters',
      raw(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`),
      431,
      'headers-too-large',
    ],
    ['a header with a null byte', raw('GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n'), ...invalid],
    ['a header that is folded', raw('GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n'), ...invalid],
    ['a request of HTTP/0.9', raw('GET /\r\n\r\n'), ...invalid],
    ['a version that there is not', raw('GET / HTTP/9.9\r\nHost: a\r\n\r\n'), ...invalid],
    ['no Host', raw('GET /healthz HTTP/1.1\r\n\r\n'), ...invalid],
    ['no Host, by HTTP/1.0, which has none', raw('GET /healthz HTTP/1.0\r\n\r\n'), 200],
    ['two Hosts', raw('GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'), ...invalid],
    ['an expectation that nobody meets', raw(head('Expect: tea\r\n')), ...invalid],
    ['a space before the colon', raw(head('Content-Length : 4\r\n')), ...invalid],
    ['lines that end without CR', raw('GET /healthz HTTP/1.1\nHost: a\n\n'), ...invalid],
    ['an unknown coding before the chunks', raw(head('Transfer-Encoding: x, chunked\r\n')), ...invalid],
    ['two lengths', raw(head('Content-Length: 1\r\nContent-Length: 2\r\n')), ...invalid],
    [
      'a length and chunks, as two servers would read differently',
      raw(head('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n')),
      ...invalid,
    ],
    ['a length below zero', raw(head('Content-Length: -1\r\n')), ...invalid],
    [
      'a length that is too short: the rest is no request',
      raw(withBody('Content-Length: 40\r\n', good)),
      ...invalid,
    ],
    [
      'a length that is too long, and then the end',
      raw(withBody(`Content-Length: ${good.length + 10}\r\n`, good), { end: true }),
      ...invalid,
    ],
    ['a chunk whose length is no number', raw(`${head('Transfer-Encoding: chunked\r\n')}zz\r\n`), ...invalid],
    [
      'chunks over the limit',
      raw(
        withBody(
          'Transfer-Encoding: chunked\r\n',
          Buffer.concat([Buffer.from('2ffff\r\n'), Buffer.alloc(0x2ffff)]),
        ),
      ),
      413,
      'picture-too-large',
    ],
    [
      'headers that never end, one letter at a time',
      slow('GET / HTTP/1.1\r\nHost: a\r\nX: ', 'x'),
      408,
      'request-slow',
    ],
    ['a body that never comes', slow(head('Content-Length: 100\r\n')), 408, 'request-slow'],
    [
      'chunks without end, one byte at a time',
      slow(head('Transfer-Encoding: chunked\r\n'), '1\r\nx\r\n'),
      408,
      'request-slow',
    ],
  ]);
}
