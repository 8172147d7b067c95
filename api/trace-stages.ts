import type { predict } from './prediction';
import type { RequestTrace } from './traces';

/**
 * Tells a trace what a picture went through after it was received; one stage follows the other.
 *
 * @param startMs - When the model was asked, as `performance.now()` has it.
 */
export function traceStages(
  trace: RequestTrace,
  startMs: number,
  { prediction, stages }: Awaited<ReturnType<typeof predict>>,
): void {
  const { name, version, digest } = prediction.model;
  const decode = startMs + stages.queue;
  const infer = decode + stages.decode;
  trace.stage('queue', startMs, stages.queue);
  trace.stage('decode', decode, stages.decode);
  trace.stage('infer', infer, stages.infer, {
    'drover.model.name': name,
    'drover.model.version': version,
    'drover.model.digest': digest,
  });
}
