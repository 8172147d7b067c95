import type { Heard } from './raw-request';

/** Bytes of one picture, at most, where the list is tried. */
export const maxUploadBytes = 150_000;

export interface Place {
  /** Of a server with the usual times. */
  readonly port: number;
  /** Of one whose patience is short. */
  readonly hastyPort: number;
}

/** Something that nobody should send, or that hides something; and what is answered. */
export interface BadInput {
  readonly group: string;
  readonly what: string;
  send(place: Place): Promise<Heard>;
  /** 0: the connection ends. */
  readonly status: number;
  /** Of the problem; undefined where it is answered, or there is none. */
  readonly type?: string;
}

type Row = readonly [what: string, send: BadInput['send'], status: number, type?: string];

/** Rows of one table of the list. */
export function group(name: string, rows: readonly Row[]): BadInput[] {
  return rows.map(([what, send, status, type]) => ({
    ...{ group: name, what, send, status },
    ...(type !== undefined && { type }),
  }));
}

export type Body = string | Buffer | FormData;

/** Sends it as any client would, and gives the answer. */
export async function ask(port: number, path: string, init: RequestInit & { body?: Body }): Promise<Heard> {
  const { body: given, ...rest } = init;
  const body = given instanceof Buffer ? new Uint8Array(given) : given;
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    ...rest,
    ...(body !== undefined && { body }),
  });
  const text = await answer.text();
  const [media = ''] = (answer.headers.get('content-type') ?? '').split(';');
  return { status: answer.status, media, body: text.startsWith('{') ? JSON.parse(text) : {} };
}
