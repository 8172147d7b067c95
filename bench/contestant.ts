import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const measuredSchema = z.object({
  /** Wall time. */
  seconds: z.number().positive(),
  /** Of all the process's threads. */
  cpu: z.number().nonnegative(),
});
export type Measured = z.infer<typeof measuredSchema>;

/** One side of a comparison: a process that is asked by lines of JSON, and answers each with how long it took. */
export interface ContestantOptions {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string>>;
}

export class Contestant {
  readonly name: string;
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;
  private said = '';

  constructor({ name, command, environment }: ContestantOptions) {
    this.name = name;
    const [file, ...args] = command;
    this.child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    this.child.stderr?.on(
      'data',
      (chunk: Buffer) => (this.said = (this.said + chunk.toString()).slice(-4000)),
    );
    const { stdout } = this.child;
    if (stdout === null) throw new Error('A child process without its output');
    this.answers = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  /** @throws Error with what the process said last, where it gives no answer */
  async measure(task: unknown): Promise<Measured> {
    this.child.stdin?.write(`${JSON.stringify(task)}\n`);
    const answer = await this.answers.next();
    if (answer.done === true) throw new Error(`${this.name} ended without an answer:\n${this.said}`);
    return measuredSchema.parse(JSON.parse(answer.value));
  }

  stop(): void {
    this.child.stdin?.end();
  }
}
