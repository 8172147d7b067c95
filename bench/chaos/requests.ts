import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Asked } from './promises';

const answerMs = 10_000;
const answerSchema = z.looseObject({ id: z.uuid(), model: z.looseObject({ version: z.int() }) });

/** A steady load of pictures on the API, each asked once, with what came of it. */
export class Requests {
  readonly asked: Asked[] = [];
  /** Of predictions. */
  readonly ids = new Set<string>();
  /** Answers by the version that gave them. */
  readonly versions = new Map<number, number>();
  private readonly open = new Set<Promise<void>>();
  private running = true;

  constructor(
    private readonly api: URL,
    private readonly pictures: readonly Buffer[],
    private readonly now: () => number,
  ) {}

  /** Until {@link stop}. */
  async run(perSecond: number): Promise<void> {
    const began = this.now();
    for (let count = 0; this.running; count += 1) {
      await sleep(Math.max(0, began + (count * 1000) / perSecond - this.now()));
      const one = this.ask(this.pictures[count % this.pictures.length] ?? Buffer.alloc(0));
      this.open.add(one);
      void one.finally(() => this.open.delete(one));
    }
    await Promise.all(this.open);
  }

  stop(): void {
    this.running = false;
  }

  private async ask(picture: Buffer): Promise<void> {
    const from = this.now();
    const form = new FormData();
    form.set('image', new Blob([new Uint8Array(picture)]), 'picture.png');
    try {
      const response = await fetch(new URL('/get_prediction', this.api), {
        method: 'POST',
        body: form,
        signal: AbortSignal.timeout(answerMs),
      });
      const body: unknown = await response.json();
      const { status, headers } = response;
      const answer = answerSchema.safeParse(body);
      if (status === 200 && answer.success) {
        const { id, model } = answer.data;
        this.ids.add(id);
        this.versions.set(model.version, (this.versions.get(model.version) ?? 0) + 1);
      }
      const isProblem = headers.get('content-type')?.startsWith('application/problem+json') === true;
      const explained = status === 200 ? answer.success : isProblem && headers.has('retry-after');
      this.asked.push({ from, to: this.now(), status, explained });
    } catch {
      this.asked.push({ from, to: this.now(), status: undefined, explained: false });
    }
  }
}
