import { condition, defineUpdate, log, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { promotionMessages, type Decision } from '../contracts/messages';
import { plainDecision, refused, requireDecision } from './decision';
import { attribute } from './search-attributes';

export interface Answer extends Decision {
  readonly approved: boolean;
  /** ISO 8601. */
  readonly at: string;
}

export interface Question {
  /** Milliseconds. */
  readonly deadline: number;
  /** Milliseconds between two reminders. */
  readonly reminder: number;
  /** What the log says when somebody is reminded. */
  readonly about: string;
  readonly onReminder: (reminders: number) => void;
}

/** A person's decision on a promotion, or on what else waits for one. */
export class Approval {
  private waiting = false;
  private answer: Answer | undefined;

  /** @param what - that is decided on, for who decides too late */
  constructor(private readonly what = 'promotion') {}

  /** Takes the updates `approve` and `reject`, while it waits. */
  listen(): void {
    for (const [name, approved] of [
      [promotionMessages.approve, true],
      [promotionMessages.reject, false],
    ] as const) {
      setHandler(
        defineUpdate<Answer, [Decision]>(name),
        (decision) => {
          // Two may be taken in one step, before either has been heard.
          if (this.answer !== undefined) throw refused(this.closed());
          this.waiting = false;
          this.answer = { approved, ...plainDecision(decision), at: new Date().toISOString() };
          return this.answer;
        },
        {
          validator: (decision) => {
            if (!this.waiting) throw refused(this.closed());
            requireDecision(name, decision);
          },
        },
      );
    }
  }

  /** From here on it takes decisions: before anybody can read that it waits. */
  open(): void {
    this.answer = undefined;
    this.waiting = true;
  }

  /** Waits for a decision, once it is open. @returns undefined where nobody has decided in time. */
  async ask({ deadline, reminder, about, onReminder }: Question): Promise<Answer | undefined> {
    const until = Date.now() + deadline;
    mark('waiting');
    log.info(`${about} waits for a person`, { until: new Date(until).toISOString() });
    try {
      for (let reminders = 1; ; reminders += 1) {
        const left = until - Date.now();
        if (left <= 0 || (await condition(() => this.answer !== undefined, Math.min(left, reminder)))) break;
        if (Date.now() >= until) break;
        mark('reminded');
        log.warn(`${about} still waits for a person`, { reminders, until: new Date(until).toISOString() });
        onReminder(reminders);
      }
      // Set by an update meanwhile, which the compiler can't see.
      const answer = this.answer;
      mark(answer === undefined ? 'expired' : answer.approved ? 'approved' : 'rejected');
      return answer;
    } finally {
      this.waiting = false;
    }
  }

  private closed(): string {
    if (this.answer === undefined) return `This ${this.what} does not wait for anybody.`;
    const { approved, by } = this.answer;
    return `This ${this.what} was ${approved ? 'approved' : 'rejected'} by ${by} already.`;
  }
}

function mark(state: 'waiting' | 'reminded' | 'approved' | 'rejected' | 'expired'): void {
  upsertSearchAttributes([{ key: attribute.approval, value: state }]);
}
