import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/** One kind of request; what it must be answered with is part of it. */
export interface RequestKind {
  readonly name: string;
  /** The form's field. */
  readonly field: string;
  readonly bytes: Buffer;
  readonly isGood: boolean;
}

const answerSchema = z.looseObject({ id: z.uuid(), model: z.looseObject({ version: z.int() }) });

/** What came of all requests. */
export class Outcomes {
  /** `<kind>: <status>` and how often. */
  readonly answers = new Map<string, number>();
  /** Of predictions that were answered with 200. */
  readonly ids = new Set<string>();
  /** Answers by the version that gave them. */
  readonly versions = new Map<number, number>();
  /** Answers that must not be, one line each. */
  readonly wrong: string[] = [];
  /** Tries that got no answer, and were made again. */
  refused = 0;
  /** Requests that got no answer by any try. */
  given = 0;
}

function countIn<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

const answerMs = 15_000;
const againMs = 200;
/** A restarted service has to answer within this; a client gives up then. */
const patienceMs = 60_000;

/** Sends one request, again and again where the connection is refused or ends, and writes down what was answered. */
export async function sendOne(url: URL, kind: RequestKind, outcomes: Outcomes): Promise<void> {
  const began = performance.now();
  while (performance.now() - began < patienceMs) {
    const form = new FormData();
    form.set(kind.field, new Blob([new Uint8Array(kind.bytes)]), kind.name);
    try {
      const response = await fetch(url, {
        method: 'POST',
        body: form,
        signal: AbortSignal.timeout(answerMs),
      });
      judge(kind, response, await response.text(), outcomes);
      return;
    } catch {
      outcomes.refused += 1;
      await sleep(againMs);
    }
  }
  outcomes.given += 1;
}

function judge(kind: RequestKind, { status, headers }: Response, body: string, outcomes: Outcomes): void {
  countIn(outcomes.answers, `${kind.name}: ${status}`);
  const refuse = (why: string) =>
    outcomes.wrong.push(`${new Date().toISOString()} ${kind.name}: ${status}, ${why}: ${body.slice(0, 200)}`);
  if (status === 503) {
    if (!headers.has('retry-after')) refuse('without Retry-After');
    return;
  }
  if (!kind.isGood) {
    if (status < 400 || status >= 500) refuse('where 4xx was expected');
    return;
  }
  const answer = status === 200 ? answerSchema.safeParse(parsed(body)) : undefined;
  if (answer?.success !== true) {
    refuse('where a prediction was expected');
    return;
  }
  outcomes.ids.add(answer.data.id);
  countIn(outcomes.versions, answer.data.model.version);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
