import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { connections, paths } from './bad-connections';
import { ask, type BadInput, type Body, group, maxUploadBytes } from './bad-input';
import { avifGarbage, gif, heicStart, jpegOfSize, jpegWithPage, png, tiff, zipEnd } from './hostile-pictures';
import { sendRaw } from './raw-request';
import { picture } from './served';

const predict =
  (body: Body, headers: Record<string, string> = {}): BadInput['send'] =>
  ({ port }) =>
    ask(port, '/get_prediction', { method: 'POST', body, headers });

const fileOf = (bytes: Buffer | string): Blob =>
  new Blob([bytes instanceof Buffer ? new Uint8Array(bytes) : bytes]);

/** A form with a file in `image`, beside other fields. */
function form(
  bytes: Buffer | string,
  name = 'cat.png',
  texts: readonly (readonly [string, string])[] = [],
): FormData {
  const data = new FormData();
  for (const [field, value] of texts) data.append(field, value);
  data.append('image', fileOf(bytes), name);
  return data;
}

function partOf(headers: string, content: string): string {
  return `--x\r\n${headers}\r\n\r\n${content}\r\n`;
}
const asForm = { 'content-type': 'multipart/form-data; boundary=x' } as const;
const imagePart = 'Content-Disposition: form-data; name="image"; filename="a.png"';

function pictures(jpeg: Buffer, webp: Buffer, good: Buffer): BadInput[] {
  const file = (bytes: Buffer | string): BadInput['send'] => predict(form(bytes));
  const unreadable = [415, 'picture-unreadable'] as const;
  return group('Files', [
    ['text', file('I am a cat'), ...unreadable],
    ['nothing', file(''), ...unreadable],
    [
      'an SVG with a script',
      file('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'),
      ...unreadable,
    ],
    [
      'an SVG that names a file',
      file('<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>'),
      ...unreadable,
    ],
    ['a PDF', file('%PDF-1.7\n1 0 obj'), ...unreadable],
    ['PostScript that runs a command', file('%!PS\n(%pipe%id) (w) file'), ...unreadable],
    [
      'a script for ImageMagick',
      file('push graphic-context\nfill url(https://127.0.0.1/a.png)'),
      ...unreadable,
    ],
    ['a BMP', file(Buffer.concat([Buffer.from('BM'), Buffer.alloc(60)])), ...unreadable],
    ['an HEIC', file(heicStart), ...unreadable],
    ['a program', file(Buffer.from('7f454c4602010100', 'hex')), ...unreadable],
    ['a zip archive with a picture after it', file(Buffer.concat([zipEnd, good])), ...unreadable],
    ['a web page with a JPEG after it', file(Buffer.concat([Buffer.from('<html>'), jpeg])), ...unreadable],
    [
      'a JPEG with a web page in its comment: it is read as a JPEG, and nothing of it is sent back',
      file(jpegWithPage(jpeg)),
      200,
    ],
    ['a JPEG with a zip archive after it', file(Buffer.concat([jpeg, zipEnd])), 200],
    ['half a WebP', file(webp.subarray(0, webp.length / 2)), ...unreadable],
    [
      'a GIF with a zip archive after it: its first frame is read, and nothing of it is sent back',
      file(Buffer.concat([gif(1), zipEnd])),
      200,
    ],
    ['a PNG of 50,000 × 50,000 pixels in a few bytes', file(png(50_000, 50_000)), ...unreadable],
    ['a PNG of 2,147,483,647 × 2,147,483,647 pixels', file(png(0x7fffffff, 0x7fffffff)), ...unreadable],
    ['a PNG of no width', file(png(0, 10)), ...unreadable],
    ['a PNG with a wrong checksum', file(png(4, 4, { spoil: true })), ...unreadable],
    ['a PNG that is cut off', file(good.subarray(0, good.length - 30)), ...unreadable],
    ['a JPEG of 65,535 × 65,535 pixels', file(jpegOfSize(jpeg, 65_535, 65_535)), ...unreadable],
    ['a JPEG of no height', file(jpegOfSize(jpeg, 20, 0)), ...unreadable],
    ['half a JPEG', file(jpeg.subarray(0, jpeg.length / 2)), ...unreadable],
    ['a JPEG of its first two bytes', file(jpeg.subarray(0, 2)), ...unreadable],
    ['a GIF of 5,000 frames: its first is read', file(gif(5_000)), 200],
    ['a GIF of 65,535 × 65,535 pixels', file(gif(1, 65_535, 65_535)), ...unreadable],
    [
      'a GIF of one pixel on a screen of 65,535 × 65,535: it is one pixel',
      file(gif(1, 65_535, 65_535, { small: true })),
      200,
    ],
    ['a TIFF of 1,000 pages: its first is read', file(tiff(1_000)), 200],
    ['a TIFF whose pages lead in a circle', file(tiff(3, { circle: true })), 200],
    ['an AVIF of nothing', file(avifGarbage), ...unreadable],
    [
      'a WebP that says it is 4 GiB',
      file(Buffer.from('52494646ffffffff5745425056503820', 'hex')),
      ...unreadable,
    ],
    ['a file over the limit', file(Buffer.alloc(maxUploadBytes + 1)), 413, 'picture-too-large'],
    [
      'a body that says it is over the limit',
      ({ port }) =>
        sendRaw(
          port,
          `POST /get_prediction HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\nContent-Length: 99999999\r\n\r\n`,
        ),
      413,
      'picture-too-large',
    ],
    [
      'a compressed body, which could be a thousand times larger',
      predict(gzipSync(good), { 'content-type': 'image/png', 'content-encoding': 'gzip' }),
      400,
      'request-invalid',
    ],
  ]);
}

function forms(good: Buffer): BadInput[] {
  const invalid = [400, 'request-invalid'] as const;
  const text = (body: string): BadInput['send'] => predict(body, asForm);
  const other = new FormData();
  other.append('__proto__', fileOf(good), 'a.png');
  const two = form(good);
  two.append('image', fileOf(good), 'b.png');
  const crowd = form(good);
  for (let n = 1; n < 33; n += 1) crowd.append('image', fileOf(good), `${n}.png`);
  const asText = new FormData();
  asText.append('image', 'cat.png');
  const many = Array.from({ length: 10_000 }, (_, n) => [`f${n}`, '1'] as const);
  return group('Forms', [
    ['no body', ({ port }) => ask(port, '/get_prediction', { method: 'POST' }), 400, 'picture-missing'],
    ['JSON', predict('{"image": "cat"}', { 'content-type': 'application/json' }), 400, 'picture-missing'],
    [
      'a Content-Type of 8,000 letters',
      predict('x', { 'content-type': 'x'.repeat(8_000) }),
      400,
      'picture-missing',
    ],
    ['an empty form', text('--x--\r\n'), 400, 'picture-missing'],
    ['text in the field "image"', predict(asText), 400, 'picture-field'],
    ['a file in the field "__proto__"', predict(other), 400, 'picture-field'],
    [
      'text in the fields "__proto__" and "constructor", which are ignored',
      predict(
        form(good, 'a.png', [
          ['__proto__', '{"polluted":1}'],
          ['constructor', 'x'],
        ]),
      ),
      200,
    ],
    ['two files', predict(two), ...invalid],
    [
      '33 pictures at once',
      ({ port }) => ask(port, '/v1/predictions', { method: 'POST', body: crowd }),
      ...invalid,
    ],
    ['10,000 fields', predict(form(good, 'a.png', many)), 413, 'picture-too-large'],
    ['12 fields', predict(form(good, 'a.png', many.slice(0, 12))), ...invalid],
    ['a field of 5,000 letters', predict(form(good, 'a.png', [['note', 'x'.repeat(5_000)]])), ...invalid],
    [
      'a field whose name has 200 letters',
      predict(form(good, 'a.png', [['n'.repeat(200), '1']])),
      ...invalid,
    ],
    [
      'a file called "../../etc/passwd", which is never used as a path',
      predict(form(good, '../../etc/passwd')),
      200,
    ],
    ['a file called with a null byte', predict(form(good, 'a.png\0.sh')), 200],
    [
      'headers of a part that have 20,000 letters',
      text(partOf(`${imagePart}\r\nX: ${'x'.repeat(20_000)}`, 'abc')),
      ...invalid,
    ],
    [
      'a part without a name',
      text(`${partOf('Content-Disposition: form-data', 'abc')}--x--\r\n`),
      ...invalid,
    ],
    [
      'a part in base64',
      text(`${partOf(`${imagePart}\r\nContent-Transfer-Encoding: base64`, 'abc')}--x--\r\n`),
      ...invalid,
    ],
    ['a form that is cut off', text(partOf(imagePart, 'abc')), ...invalid],
    ['another boundary than its header says', text('--y\r\n\r\n--y--\r\n'), ...invalid],
    ['no boundary', predict('x', { 'content-type': 'multipart/form-data' }), ...invalid],
    [
      'a boundary of 100 letters',
      predict('x', { 'content-type': `multipart/form-data; boundary=${'x'.repeat(100)}` }),
      ...invalid,
    ],
    ['an empty body of image/png', predict('', { 'content-type': 'image/png' }), 400, 'picture-missing'],
  ]);
}

const id = '6f0c5a8e-3a52-4c11-9d0e-5f6f4c6f5f10';

function json(good: Buffer): BadInput[] {
  const invalid = [400, 'request-invalid'] as const;
  const post =
    (path: string, body: Body, headers: Record<string, string> = {}): BadInput['send'] =>
    ({ port }) =>
      ask(port, path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
  const picture64 = `data:image/png;base64,${good.toString('base64')}`;
  const urls = (...list: readonly string[]) => post('/v1/predictions', JSON.stringify({ urls: list }));
  const tell = (body: Body) => post(`/v1/predictions/${id}/feedback`, body);
  return group('JSON', [
    ['no JSON', post('/v1/predictions', '{"urls": ['), ...invalid],
    [
      'JSON over its limit',
      post('/v1/predictions', JSON.stringify({ urls: ['x'.repeat(90_000)] })),
      ...invalid,
    ],
    [
      'JSON of 40,000 lists in each other',
      post('/v1/predictions', '['.repeat(40_000) + ']'.repeat(40_000)),
      ...invalid,
    ],
    ['JSON in UTF-16', post('/v1/predictions', Buffer.from('{"urls": []}', 'utf16le')), ...invalid],
    [
      'JSON, compressed',
      post('/v1/predictions', gzipSync('{"urls": []}'), { 'content-encoding': 'gzip' }),
      ...invalid,
    ],
    [
      'addresses under "__proto__"',
      post('/v1/predictions', '{"__proto__": {"urls": ["https://example.org/a.png"], "polluted": 1}}'),
      ...invalid,
    ],
    ['no addresses', urls(), ...invalid],
    ['33 addresses', urls(...Array<string>(33).fill('https://example.org/a.png')), ...invalid],
    ['an address of 3,000 letters', urls(`https://example.org/${'a'.repeat(3_000)}`), ...invalid],
    ['the address of a file', urls('file:///etc/passwd'), ...invalid],
    [
      'an address, where none is fetched',
      urls('https://169.254.169.254/latest/meta-data/'),
      400,
      'url-refused',
    ],
    [
      'feedback on something that is no UUID',
      post('/v1/predictions/..%2f..%2fa/feedback', '{"label": "red"}'),
      ...invalid,
    ],
    ['feedback on "__proto__"', post('/v1/predictions/__proto__/feedback', '{"label": "red"}'), ...invalid],
    ['addresses that are numbers', post('/v1/predictions', '{"urls": [1, null]}'), ...invalid],
    ['feedback whose label is an object', tell('{"label": {"$gt": ""}}'), ...invalid],
    ['feedback whose label is a picture', tell(JSON.stringify({ label: picture64 })), 400, 'label-unknown'],
    ['feedback that is a list', tell('["red"]'), ...invalid],
    ['feedback with a key that is not known', tell('{"label": "red", "isAdmin": true}'), ...invalid],
    ['feedback of a class that there is not', tell('{"label": "__proto__"}'), 400, 'label-unknown'],
    [
      'feedback of a new class that is a path',
      tell('{"label": "../../etc", "new_class": true}'),
      400,
      'label-unknown',
    ],
    [
      'feedback with a note of 100,000 letters',
      tell(JSON.stringify({ label: 'red', note: 'x'.repeat(100_000) })),
      ...invalid,
    ],
  ]);
}

/** Everything hostile that was thought of. */
export async function badInputs(): Promise<readonly BadInput[]> {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  const scene = sharp({ create: { width: 64, height: 48, channels: 3, background: 'red', noise } });
  const jpeg = await scene.clone().jpeg().toBuffer();
  const webp = await scene.clone().webp().toBuffer();
  const good = await picture('red');
  return [...pictures(jpeg, webp, good), ...forms(good), ...json(good), ...paths(), ...connections(good)];
}
