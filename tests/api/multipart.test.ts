import { describe, expect, it } from '@jest/globals';
import { boundaryOf, MalformedMultipart, readParts } from '../../api/multipart';
import { createRandom } from '../../lib/random';

const part = (headers: string, data = '') => `--x\r\n${headers}\r\n\r\n${data}\r\n`;
const field = (name: string, data = '') => part(`Content-Disposition: form-data; name="${name}"`, data);
const read = (body: string, most = 9) => readParts(Buffer.from(body, 'latin1'), 'x', most);

describe('a multipart body', () => {
  it('is read as the platform writes it, whatever the bytes and the names', async () => {
    const random = createRandom(1);
    for (let round = 0; round < 50; round += 1) {
      const form = new FormData();
      const sent: { name: string; filename: string | undefined; data: Buffer }[] = [];
      for (let count = 0; count < 1 + (round % 4); count += 1) {
        // Line ends and dashes are what a parser stumbles over.
        const data = Buffer.from(
          Array.from({ length: random.int(200) }, () => '\r\n-x\0ÿ'.charCodeAt(random.int(6))),
        );
        if (count % 2 === 0) {
          form.append('image', new Blob([data]), `ein Bild ${count} ü.png`);
          sent.push({ name: 'image', filename: `ein Bild ${count} ü.png`, data });
        } else {
          form.append(`feld ${count}`, 'text');
          sent.push({ name: `feld ${count}`, filename: undefined, data: Buffer.from('text') });
        }
      }
      const request = new Response(form);
      const boundary = boundaryOf(request.headers.get('content-type') ?? '') ?? '';
      expect(readParts(Buffer.from(await request.arrayBuffer()), boundary, 9)).toEqual(sent);
    }
  });

  it.each([
    ['a preamble', `hello\r\n${field('a', '1')}--x--`],
    ['spaces after its boundary', field('a', '1').replace('--x\r\n', '--x \t\r\n') + '--x--'],
    ['an epilogue', `${field('a', '1')}--x--\r\nbye`],
    ['a name without quotes', `${part('content-disposition: form-data; name=a', '1')}--x--`],
    [
      'other headers, in any case',
      `${part('X-A: 1\r\nCONTENT-DISPOSITION: Form-Data; name="a"\r\nX-B: 2', '1')}--x--`,
    ],
  ])('may have %s', (_what, body) => {
    expect(read(body)).toEqual([{ name: 'a', filename: undefined, data: Buffer.from('1') }]);
  });

  it('may have none at all', () => {
    expect(read('--x--\r\n')).toEqual([]);
  });

  it('keeps what looks nearly like its boundary in the data', () => {
    const data = 'a\r\n-x\r\n--\r\n --x\r\nb--x';
    expect(read(`${field('a', data)}--x--`)[0]?.data.toString()).toBe(data);
  });

  it.each([
    ['name="image"; filename="a; name=b.png"', { name: 'image', filename: 'a; name=b.png' }],
    ['filename="a; name=b.png"; name="image"', { name: 'image', filename: 'a; name=b.png' }],
    ['name="note; filename=a.png"', { name: 'note; filename=a.png', filename: undefined }],
    [String.raw`name="image"; filename="a\"; name=\"b"`, { name: 'image', filename: 'a"; name="b' }],
  ])('does not take what stands in quotes for a parameter: %s', (said, field) => {
    expect(read(`${part(`Content-Disposition: form-data; ${said}`, '1')}--x--`)).toEqual([
      { ...field, data: Buffer.from('1') },
    ]);
  });

  it('takes a name in another encoding for a file as well', () => {
    const [found] = read(
      `${part(`Content-Disposition: form-data; name="image"; filename*=utf-8''k%C3%A4tzchen.png`, '1')}--x--`,
    );
    expect(found?.filename).toBe('');
  });

  it.each([
    ['without its boundary', 'hello', /not found/],
    ['cut off in its headers', '--x\r\nContent-Disposition: form-data', /cut off/],
    ['cut off in its data', '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nabc', /cut off/],
    ['of a part without a name', `${part('Content-Disposition: form-data')}--x--`, /with a name/],
    ['of a part without a disposition', `${part('Content-Type: text/plain')}--x--`, /with a name/],
    ['of a part without headers', '--x\r\n\r\nabc\r\n--x--', /with a name/],
    ['whose boundary goes on', '--xyz\r\n\r\n', /line end/],
    [
      'of a part in base64',
      `${part('Content-Transfer-Encoding: base64\r\nContent-Disposition: form-data; name="a"')}--x--`,
      /Encoding/,
    ],
    [
      'of headers without end',
      `${part(`X: ${'y'.repeat(20_000)}\r\nContent-Disposition: form-data; name="a"`)}--x--`,
      /too long/,
    ],
    [
      'of a part with two names',
      `${part('Content-Disposition: form-data; name="image"; name="a"')}--x--`,
      /twice/,
    ],
    ['of a long name', `${field('n'.repeat(200))}--x--`, /too long/],
    ['of too many parts', `${field('a').repeat(10)}--x--`, /more than 9 parts/],
  ])('is refused %s', (_what, body, why) => {
    expect(() => read(body)).toThrow(MalformedMultipart);
    expect(() => read(body)).toThrow(why);
  });
});

describe('a boundary', () => {
  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['multipart/form-data; charset=utf-8; Boundary="a b:c"', 'a b:c'],
    ['multipart/form-data', undefined],
    ['multipart/form-data; boundary=', undefined],
    [`multipart/form-data; boundary="${'b'.repeat(71)}"`, undefined],
  ])('is read from %s', (type, boundary) => {
    expect(boundaryOf(type)).toBe(boundary);
  });
});
