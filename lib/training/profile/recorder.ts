import { stepParts, type Profile, type StepPart } from '../../../contracts/schemas/rehearsal';
import type { OperationObserver } from '../../tensorflow/handles';

/** Something that began and ended, in the clock's milliseconds. Spans of one kind never overlap; kinds nest in this order. */
export interface Span {
  readonly kind: 'step' | 'part' | 'layer' | 'operation';
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Of what an operation reads. */
  readonly shapes?: readonly (readonly number[])[];
}

/** Listens to steps of a training and keeps what took how long. */
export interface Recorder {
  readonly observer: Required<OperationObserver>;
  /** A step begins, with its batch. */
  begin(): void;
  /** The step goes over to this part. */
  enter(part: StepPart): void;
  end(): void;
  /** What was heard so far. */
  figures(): Pick<Profile, 'steps' | 'operations' | 'layers' | 'parts'>;
  readonly spans: readonly Span[];
  /** Spans that were counted and not kept. */
  readonly leftOut: number;
}

interface OperationSum {
  calls: number;
  milliseconds: number;
  largest: readonly number[];
}

/** A trace of more than this opens slowly in a browser; what comes later still counts in the figures. */
const mostSpans = 200_000;

/** @param now - Milliseconds that never go back. */
export function createRecorder(now: () => number = () => performance.now(), most = mostSpans): Recorder {
  const spans: Span[] = [];
  let leftOut = 0;
  const steps: number[] = [];
  const operations = new Map<string, OperationSum>();
  const layers = new Map<string, { forward: number; backward: number }>();
  const parts = new Map(stepParts.map((name) => [name, { milliseconds: 0, operations: 0 }]));
  let began = 0;
  let part: { readonly name: StepPart; readonly start: number } | undefined;
  let layer:
    { readonly name: string; readonly way: 'forward' | 'backward'; readonly start: number } | undefined;

  const keep = (span: Span): void => {
    if (spans.length < most) spans.push(span);
    else leftOut += 1;
  };
  const leaveLayer = (at: number): void => {
    if (layer) keep({ kind: 'layer', name: `${layer.name} (${layer.way})`, start: layer.start, end: at });
    layer = undefined;
  };
  const leavePart = (at: number): void => {
    leaveLayer(at);
    if (!part) return;
    const sum = parts.get(part.name);
    if (sum) sum.milliseconds += at - part.start;
    keep({ kind: 'part', name: part.name, start: part.start, end: at });
    part = undefined;
  };
  const enterAt = (name: StepPart, at: number): void => {
    leavePart(at);
    part = { name, start: at };
  };

  return {
    observer: {
      operation(name, shapes, work) {
        const start = now();
        const value = work();
        const end = now();
        const took = end - start;
        keep({ kind: 'operation', name, start, end, shapes });
        const before = operations.get(name) ?? { calls: 0, milliseconds: 0, largest: [] };
        const sizes = [before.largest, ...shapes];
        operations.set(name, {
          calls: before.calls + 1,
          milliseconds: before.milliseconds + took,
          largest: sizes.reduce((a, b) => (a.length === 0 || sizeOf(b) > sizeOf(a) ? b : a)),
        });
        const within = part && parts.get(part.name);
        if (within) within.operations += took;
        if (layer) {
          const sum = layers.get(layer.name) ?? { forward: 0, backward: 0 };
          sum[layer.way] += took;
          layers.set(layer.name, sum);
        }
        return value;
      },
      layer(name, way) {
        const at = now();
        if (name === undefined) {
          // After the way back comes the next part of the batch, where there is one.
          enterAt(way === 'forward' ? 'loss' : 'input', at);
          return;
        }
        if (part?.name === way) leaveLayer(at);
        else enterAt(way, at);
        layer = { name, way, start: at };
        // Also a layer with no operation of its own stands in its place of the table.
        if (!layers.has(name)) layers.set(name, { forward: 0, backward: 0 });
      },
    },
    begin() {
      began = now();
      part = { name: 'batch', start: began };
    },
    enter: (name) => enterAt(name, now()),
    end() {
      const at = now();
      leavePart(at);
      steps.push(at - began);
      keep({ kind: 'step', name: `step ${steps.length}`, start: began, end: at });
    },
    figures: () => ({
      steps: [...steps],
      operations: [...operations]
        .map(([name, { largest, ...sum }]) => ({ name, ...sum, largest: [...largest] }))
        .toSorted((a, b) => b.milliseconds - a.milliseconds),
      layers: [...layers].map(([name, ways]) => ({ name, ...ways })),
      parts: [...parts].map(([name, sum]) => ({ name, ...sum })),
    }),
    spans,
    get leftOut() {
      return leftOut;
    },
  };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
