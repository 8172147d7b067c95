import type { Failure } from '../../contracts/failures';
import type { Ledger } from '../../contracts/schemas/processes';
import { Child, type ChildSpec, type RestartPolicy, restartPolicy } from './child';
import { identify } from './identity';
import { removeLedger, writeLedger } from './ledger';

export interface SupervisorOptions {
  readonly home: string;
  /** Where things are, for `status` and `open`. */
  readonly addresses: Ledger['addresses'];
  readonly model: string;
  readonly say: (line: string) => void;
  /** A process could not be kept running. */
  readonly gaveUp: (failure: Failure) => void;
  readonly policy?: RestartPolicy;
}

/**
 * The processes of one home: started, started again when they die, ended in an order, and written down in
 * `processes.json` whenever they change.
 */
export class Supervisor {
  private readonly children: Child[] = [];
  private writing: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(private readonly options: SupervisorOptions) {}

  start(spec: ChildSpec): Child {
    const { home, say, gaveUp } = this.options;
    const child = new Child(
      spec,
      home,
      {
        started: () => this.record(),
        died: (_, how, delay) => {
          this.record();
          say(`${spec.name} ended (${how}); starting it again in ${(delay / 1000).toFixed(1)} s.`);
        },
        gaveUp: (_, failure) => {
          this.record();
          gaveUp(failure);
        },
      },
      this.options.policy ?? restartPolicy,
    );
    this.children.push(child);
    child.start();
    return child;
  }

  /** Ends the named groups one after another, the members of a group together; then any that was not named. */
  async stop(order: readonly (readonly string[])[]): Promise<void> {
    const named = new Set(order.flat());
    const rest = this.children.map((child) => child.spec.name).filter((name) => !named.has(name));
    for (const names of [...order, rest]) {
      const group = this.children.filter((child) => names.includes(child.spec.name));
      const running = group.filter((child) => child.running).map((child) => child.spec.name);
      if (running.length > 0) this.options.say(`Ending ${running.join(' and ')} …`);
      await Promise.all(group.map((child) => child.stop()));
    }
    this.closed = true;
    await this.writing;
    const self = await identify(process.pid);
    if (self) await removeLedger(this.options.home, self);
  }

  /** Ends everything at once, with no time to finish anything. */
  kill(): void {
    for (const child of this.children) child.kill();
  }

  /** Writes down what runs; one writing at a time, the last one wins. */
  private record(): void {
    this.writing = this.writing.then(() => this.write()).catch(() => undefined);
  }

  /** Claims the home before the first child is there. */
  async write(): Promise<void> {
    if (this.closed) return;
    const supervisor = await identify(process.pid);
    if (!supervisor) return;
    const ledger: Ledger = {
      supervisor,
      children: this.children.flatMap((child) =>
        child.identity
          ? [
              {
                ...child.identity,
                name: child.spec.name,
                ...(child.spec.port === undefined ? {} : { port: child.spec.port }),
              },
            ]
          : [],
      ),
      addresses: this.options.addresses,
      model: this.options.model,
    };
    await writeLedger(this.options.home, ledger);
  }
}
