/** A picture to be sent. */
export interface LoadPicture {
  readonly name: string;
  readonly bytes: Buffer;
}

interface PictureRequestOptions {
  readonly url: URL;
  readonly pictures: readonly LoadPicture[];
  readonly apiKey?: string | undefined;
}

/** Some services ask for an image's type; Drover's looks at the bytes. */
function typeOf(name: string): string {
  const kind = /\.(jpe?g|png|webp|gif)$/i.exec(name)?.[1]?.toLowerCase();
  if (kind === undefined) return 'application/octet-stream';
  return `image/${kind === 'jpg' ? 'jpeg' : kind}`;
}

const boundary = '----drover-load-7b2f9c';

/** A POST of each picture in the multipart field `image`, as the bytes that go over the wire. */
export function pictureRequests({ url, pictures, apiKey }: PictureRequestOptions): Buffer[] {
  return pictures.map(({ name, bytes }) => {
    const body = Buffer.concat([
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="${name.replace(/[^\w.-]/g, '_')}"\r\n` +
          `Content-Type: ${typeOf(name)}\r\n\r\n`,
      ),
      bytes,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]);
    const head = [
      `POST ${url.pathname}${url.search} HTTP/1.1`,
      `Host: ${url.host}`,
      `Content-Type: multipart/form-data; boundary=${boundary}`,
      `Content-Length: ${body.length}`,
      ...(apiKey === undefined ? [] : [`Authorization: Bearer ${apiKey}`]),
    ];
    return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
  });
}
