import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const settingSchema = z.strictObject({
  side: z.string(),
  seed: z.int(),
  target: z.number(),
  slots: z.int(),
  /** Of a trial. */
  epochs: z.int(),
});
/** What a side's result hangs on. */
export type Setting = Readonly<z.infer<typeof settingSchema>>;

const keptSchema = settingSchema.extend({
  /** When it ended. */
  on: z.iso.datetime(),
  /** Seconds that it had. */
  cap: z.number().positive(),
  /** null: not within them. */
  met: z
    .strictObject({ seconds: z.number(), epochs: z.int(), trials: z.int(), accuracy: z.number() })
    .nullable(),
});
export type KeptSide = Readonly<z.infer<typeof keptSchema>>;

/** What came of the sides of real races, in a file of JSON that grows with each that has ended: one that is cut off loses itself alone. */
export class KeptSides {
  private all: readonly KeptSide[];

  /** @throws Error where the file is not of this kind. */
  constructor(private readonly file: string) {
    this.all = existsSync(file) ? read(file) : [];
  }

  /** The newest of that setting that had as much time, or met its target. */
  find(setting: Setting, cap: number): KeptSide | undefined {
    const found = this.all.findLast(
      (one) =>
        (one.met !== null || one.cap >= cap) &&
        one.side === setting.side &&
        one.seed === setting.seed &&
        one.target === setting.target &&
        one.slots === setting.slots &&
        one.epochs === setting.epochs,
    );
    return found?.met && found.met.seconds > cap ? { ...found, cap, met: null } : found;
  }

  add(side: KeptSide): void {
    this.all = [...this.all, side];
    mkdirSync(dirname(this.file), { recursive: true });
    const whole = `${this.file}.new`;
    writeFileSync(whole, `${JSON.stringify(this.all, undefined, 2)}\n`);
    renameSync(whole, this.file);
  }
}

function read(file: string): readonly KeptSide[] {
  try {
    return z.array(keptSchema).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(`${file} holds no results of real races: move it away to race anew.`, { cause: error });
  }
}
