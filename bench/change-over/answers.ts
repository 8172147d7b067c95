import { z } from 'zod';

const answerSchema = z.looseObject({
  prediction: z.string(),
  model: z.looseObject({ version: z.int(), digest: z.string() }),
});

/** Looks at every answer: which version gave it, and whether it is of that version alone. */
export class Answers {
  /** By version. */
  readonly counts = new Map<number, number>();
  /** Answers whose digest is not that of the version they name. */
  mixed = 0;
  #awaited: { readonly version: number; readonly seen: (at: number) => void } | undefined;

  /** @param digests - SHA-256 of each version's ONNX file */
  constructor(private readonly digests: ReadonlyMap<number, string>) {}

  /** @returns whether it is a prediction, by whichever version */
  look(status: number, body: Buffer): boolean {
    const answer = status === 200 ? answerSchema.safeParse(parsed(body)) : undefined;
    if (answer?.success !== true) return false;
    const { version, digest } = answer.data.model;
    this.counts.set(version, (this.counts.get(version) ?? 0) + 1);
    if (digest !== this.digests.get(version)) this.mixed += 1;
    if (version === this.#awaited?.version) {
      this.#awaited.seen(performance.now());
      this.#awaited = undefined;
    }
    return true;
  }

  /** When the next answer by a version comes, as `performance.now()` has it. */
  nextOf(version: number): Promise<number> {
    return new Promise((seen) => {
      this.#awaited = { version, seen };
    });
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
