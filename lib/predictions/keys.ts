/** Where kept predictions lie in the store: `predictions/<day>/<hour>-<batch>.…`, in UTC. */
export const predictionsPrefix = 'predictions/';

/** A batch's objects: its answers, a line each; feedback, a line each; the answers' pictures. */
const endings = { predictions: '.jsonl', feedback: '.feedback.jsonl', pictures: '.tar' } as const;
export type BatchPart = keyof typeof endings;

export interface BatchKey {
  /** `2026-11-25` */
  readonly day: string;
  /** The hour in which its first segment was begun, milliseconds since 1970: its records are of then, and of seconds around it. */
  readonly hour: number;
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly part: BatchPart;
}

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

export function hourOf(time: number): number {
  return Math.floor(time / hourMs) * hourMs;
}

/** `2026-11-25`, in UTC. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** The key of one of a batch's objects. */
export function batchKey(hour: number, id: string, part: BatchPart): string {
  const [day = '', time = ''] = new Date(hour).toISOString().split('T');
  return `${predictionsPrefix}${day}/${time.slice(0, 2)}-${id}${endings[part]}`;
}

const keyPattern =
  /^predictions\/(\d{4}-\d{2}-\d{2})\/([01]\d|2[0-3])-([0-9a-f]{32})(\.jsonl|\.feedback\.jsonl|\.tar)$/;

/** Undefined where the key is of something else. */
export function readBatchKey(key: string): BatchKey | undefined {
  const [, day = '', hour = '', id = '', ending] = keyPattern.exec(key) ?? [];
  const start = Date.parse(`${day}T${hour}:00:00Z`);
  if (Number.isNaN(start)) return undefined;
  const part = ending === '.tar' ? 'pictures' : ending === '.jsonl' ? 'predictions' : 'feedback';
  return { day, hour: start, id, part };
}
