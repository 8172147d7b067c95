import { Counter, Gauge, type Registry } from 'prom-client';
import type { SpoolCountName, SpoolCounts } from '../lib/predictions/counts';

/** Tells Prometheus what becomes of the answers that are to be kept; nothing has to be called afterwards. */
export function createSpoolMetrics(registry: Registry, counts: SpoolCounts): void {
  const registers = [registry];
  const count = (name: string, help: string, of: SpoolCountName): void => {
    new Counter({
      ...{ name, help, registers },
      collect() {
        this.reset();
        this.inc(counts.get(of));
      },
    });
  };
  count('drover_kept_records_total', 'Predictions and feedback written to the spool', 'kept');
  count('drover_kept_records_passed_total', 'Predictions not in the share that is kept', 'passed');
  count('drover_kept_records_shipped_total', 'Predictions and feedback written to the store', 'shipped');
  new Counter({
    name: 'drover_kept_records_dropped_total',
    help: 'Predictions and feedback that should have been kept: the spool was full, or its disk could not be written',
    labelNames: ['reason'] as const,
    registers,
    collect() {
      this.reset();
      for (const reason of ['full', 'disk'] as const) this.inc({ reason }, counts.get(reason));
    },
  });
  new Gauge({
    name: 'drover_spool_bytes',
    help: 'What the spool holds, and the store does not yet',
    registers,
    collect() {
      this.set(Math.max(0, counts.get('waiting')));
    },
  });
}
