import type { RunConfig } from '../../../contracts/schemas/run';
import { canonicalJson } from '../../storage/canonical-json';
import type { Store } from '../../storage/store';
import { stepName } from '../metrics/part';
import type { Sink, Told } from '../sink';
import { decodeEvent } from './event-schema';
import { fileVersion, restart, scalars, text, weightsHistogram } from './events';
import { sampleEvents } from './sample-events';
import { decodeRecords, encodeRecords } from './tf-records';

export function eventsFolder(run: string): string {
  return `runs/${run}/tensorboard/`;
}

/** TensorBoard takes every file with `tfevents` in its name, in the order of the names. */
export function eventsKey(run: string, step: number): string {
  return `${eventsFolder(run)}events.out.tfevents.${stepName(step)}`;
}

function eventsStep(key: string): number | undefined {
  const step = /\.tfevents\.(\d{12,})(?:\.sample)?$/.exec(key)?.[1];
  return step === undefined ? undefined : Number(step);
}

export interface EventFilesOptions {
  readonly store: Store;
  readonly run: string;
  readonly config: RunConfig;
  /** The step of the checkpoint that the run goes on from, 0 for none: files of later steps are removed. */
  readonly resumedFrom: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A run's figures as TensorBoard's event files, one for each flush, and one with the sample at the end. */
export async function openEventFiles(options: EventFilesOptions): Promise<Sink> {
  const { store, run, config, resumedFrom, now } = options;
  /** By what they are about, so that what is told again takes its place. */
  let events = new Map<string, Uint8Array>();
  let newest = resumedFrom;
  let begins = true;
  for await (const key of store.list(eventsFolder(run))) {
    const step = eventsStep(key);
    if (step !== undefined && step > resumedFrom) await store.remove(key);
    if (key === eventsKey(run, resumedFrom)) {
      for (const event of decodeRecords(await store.read(key))) keep(event);
    }
  }

  function keep(event: Uint8Array): void {
    events.set(aboutOf(event), event);
  }

  /** What the first new file of a process says before its figures. */
  function begin(): void {
    if (!begins) return;
    begins = false;
    if (resumedFrom > 0) keep(restart({ step: resumedFrom + 1, at: now() }));
    else keep(text({ step: 0, at: now() }, 'configuration', configurationMarkdown(config)));
  }

  return {
    async flush({ step, lines, histograms }: Told) {
      if (step !== newest) {
        newest = step;
        events = new Map();
      }
      if (lines.length + histograms.length === 0) return;
      if (events.size === 0) keep(fileVersion(now()));
      if (step !== resumedFrom) begin();
      lines.forEach((line) => keep(scalars(line)));
      histograms.forEach((histogram) => keep(weightsHistogram(histogram)));
      await store.write(eventsKey(run, step), encodeRecords([...events.values()]));
    },
    async finish(finished) {
      const sample = [fileVersion(finished.at), ...(await sampleEvents(finished))];
      await store.write(`${eventsKey(run, finished.step)}.sample`, encodeRecords(sample));
    },
  };
}

/** Two events are about the same where they have the same step and the same first tag. */
function aboutOf(bytes: Uint8Array): string {
  const { step, file_version: version, session_log: session, summary } = decodeEvent(bytes);
  if (version !== undefined) return 'version';
  if (session !== undefined) return 'session';
  return `${step} ${summary?.value[0]?.tag ?? ''}`;
}

function configurationMarkdown(config: RunConfig): string {
  // Indented by four spaces, Markdown takes it for code.
  const lines = Object.entries(config).map(([name, value]) => `    ${name}: ${canonicalJson(value)}`);
  return lines.join('\n');
}
