import type { Amount } from './bar';
import type { Console } from './console';
import { present } from './present';
import { Rates } from './rate';
import { type WorkflowView, emptyView } from './view';

/** Milliseconds between two drawings: progress may be told a thousand times a second. */
const drawEvery = 100;

/** The progress of steps that this process does itself, one after another. */
export class Steps {
  private readonly rates = new Rates();
  private readonly steps = new Map<string, { readonly amount?: Amount; readonly note?: string }>();
  private shown: WorkflowView = emptyView('');
  private drawn = 0;

  constructor(private readonly out: Console) {}

  /** A step that begins, or how far it is. */
  report(name: string, amount?: Omit<Amount, 'rate'>, note?: string): void {
    const now = Date.now();
    const isNew = !this.steps.has(name);
    const rate = amount && this.rates.add(name, now, amount.done);
    this.steps.set(name, {
      ...(amount && { amount: { ...amount, ...(rate !== undefined && { rate }) } }),
      ...(note !== undefined && { note }),
    });
    const isWhole = amount !== undefined && amount.done >= amount.total;
    if (!isNew && !isWhole && now - this.drawn < drawEvery) return;
    this.drawn = now;
    this.show();
  }

  /** The last picture stays. */
  end(): void {
    this.out.settle();
  }

  private show(): void {
    const activities = [...this.steps].map(([name, step]) => ({ name, ...step }));
    const next = { ...emptyView(''), activities };
    present(this.out, this.shown, next);
    this.shown = next;
  }
}
