import { appendFileSync, writeFileSync } from 'node:fs';
import { markdownTable } from '../table';
import { promises, type PromiseName } from './promises';
import type { Fault } from './schedule';

/** What happened, a line each with its time, on the terminal and in a file. */
export class Log {
  private readonly began = performance.now();
  private readonly recoveries: { readonly kind: string; readonly seconds: number | undefined }[] = [];
  private readonly checks = new Map<PromiseName, number>();
  private readonly broken: { readonly promise: PromiseName; readonly what: string }[] = [];

  constructor(private readonly file: string) {
    writeFileSync(file, '');
  }

  /** Milliseconds since the beginning. */
  now(): number {
    return performance.now() - this.began;
  }

  say(what: string): void {
    this.write(`${(this.now() / 1000).toFixed(1).padStart(7)} s  ${what}`);
  }

  /** @param seconds - until all was well again, the fault's own time not counted; undefined: it never was */
  recovered(fault: Fault, seconds: number | undefined): void {
    this.recoveries.push({ kind: `${fault.deed} ${fault.target}`, seconds });
  }

  /** A promise was looked at, so many times; what is not as it must be, a line each. */
  check(promise: PromiseName, times: number, wrong: readonly string[]): void {
    this.checks.set(promise, (this.checks.get(promise) ?? 0) + times);
    for (const what of wrong) {
      this.broken.push({ promise, what });
      this.say(`BROKEN  ${promises[promise]}: ${what}`);
    }
  }

  get failures(): number {
    return this.broken.length;
  }

  /** The tables at the end. */
  summary(requests: readonly string[]): void {
    const kinds = [...new Set(this.recoveries.map(({ kind }) => kind))].sort();
    const rows = kinds.map((kind) => {
      const of = this.recoveries.filter((each) => each.kind === kind);
      const seconds = of.flatMap((each) => each.seconds ?? []).sort((a, b) => a - b);
      const figure = (value: number | undefined) => (value === undefined ? '' : value.toFixed(1));
      return [
        kind,
        String(of.length),
        figure(seconds[seconds.length >> 1]),
        figure(seconds.at(-1)),
        String(of.length - seconds.length),
      ];
    });
    const judged = Object.entries(promises).map(([name, what]) => {
      const wrong = this.broken.filter(({ promise }) => promise === name).length;
      const times = [...this.checks].find(([promise]) => promise === name)?.[1] ?? 0;
      return [
        what,
        String(times),
        wrong === 0 ? (times === 0 ? 'not looked at' : 'kept') : `BROKEN ${wrong}`,
      ];
    });
    this.write(
      [
        '',
        markdownTable(['fault', 'times', 'well after, s (median)', 'worst', 'never'], rows),
        '',
        ...requests,
        '',
        markdownTable(['promise', 'looked at', ''], judged),
        '',
      ].join('\n'),
    );
  }

  private write(text: string): void {
    console.log(text);
    appendFileSync(this.file, `${text}\n`);
  }
}
