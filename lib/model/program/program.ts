import { tf } from '../../tensorflow';
import { free, observeLayer, type Handle } from '../../tensorflow/handles';
import { add } from '../../tensorflow/operations/arithmetic';
import type { Variable } from '../../tensorflow/variables';
import { compile, type CompileOptions, type Step } from './compile';
import { weightName } from './layer-settings';
import type { Backward, Pass } from './operation';

/** A forward pass that can be taken back, once. */
export interface Trace {
  readonly output: Handle;
  /**
   * @param gradient - Of the output; freed.
   * @returns the gradient of each of the program's variables, in their order, for the caller to free.
   */
  backward(gradient: Handle): Handle[];
}

/**
 * A layers model as it is trained: TensorFlow's own operations on its own tensors, with no tape. The model's weights are
 * copied at the start, and back by {@link Program.store}.
 */
export interface Program {
  /** What it learns. */
  readonly variables: readonly Variable[];
  /** What it counts: moving statistics of batch norm. */
  readonly statistics: readonly Variable[];
  /** What the model answers, with no dropout and by moving statistics. @param input - Not freed. */
  predict(input: Handle): Handle;
  /** The answer of a training step, with the way back. @param input - Not freed before the way back ended. */
  trace(input: Handle, key: Pass['key']): Trace;
  /** Writes the learnt weights into the layers model. */
  store(): void;
  dispose(): void;
}

/** @throws Error naming a layer that has no native operation. */
export function createProgram(model: tf.LayersModel, options: CompileOptions): Program {
  const { steps, output } = compile(model, options);
  const operations = steps.map(({ operation }) => operation);
  const variables = operations.flatMap((operation) => operation.variables);
  const statistics = operations.flatMap((operation) => operation.statistics);
  const readers = countReaders(steps, output);
  const learning = learningValues(steps);
  const never: Pass['learn'] = (_, gradient) => free(gradient);

  return {
    variables,
    statistics,
    predict(input) {
      const pass: Pass = { training: false, key: () => [0, 0], learn: never };
      const values = new Map<number, Handle>([[0, input]]);
      const left = new Map(readers);
      for (const step of steps) {
        const inputs = step.inputs.map((value) => valueOf(values, value));
        values.set(step.output, step.operation.forward(inputs, pass, false).output);
        for (const value of step.inputs) release(values, left, value);
      }
      return valueOf(values, output);
    },
    trace(input, key) {
      const gradients = new Map<Variable, Handle>();
      const learn: Pass['learn'] = (variable, gradient) => {
        const before = gradients.get(variable);
        gradients.set(variable, before ? summed(before, gradient) : gradient);
      };
      const pass: Pass = { training: true, key, learn };
      const values = new Map<number, Handle>([[0, input]]);
      const left = new Map(readers);
      const ways: { readonly step: Step; readonly backward: Backward }[] = [];
      for (const step of steps) {
        const back = learning.has(step.output);
        const inputs = step.inputs.map((value) => valueOf(values, value));
        observeLayer(step.operation.name, 'forward');
        const forward = step.operation.forward(inputs, pass, back);
        values.set(step.output, forward.output);
        if (back && forward.backward) ways.push({ step, backward: forward.backward });
        else for (const value of step.inputs) release(values, left, value);
      }
      observeLayer(undefined, 'forward');
      return {
        output: valueOf(values, output),
        backward(gradient) {
          const flows = new Map<number, Handle>([[output, gradient]]);
          for (const { step, backward } of ways.reverse()) {
            const flow = flows.get(step.output);
            if (flow === undefined) throw new Error(`${step.operation.name} has no gradient`);
            flows.delete(step.output);
            const wanted = step.inputs.map((value) => learning.has(value));
            observeLayer(step.operation.name, 'backward');
            const before = backward(flow, wanted);
            free(flow);
            step.inputs.forEach((value, at) => {
              const part = before[at];
              if (part === undefined) return;
              const other = flows.get(value);
              flows.set(value, other ? summed(other, part) : part);
            });
            // Whoever reads it has gone back by now.
            const own = values.get(step.output);
            if (own && step.output !== output) free(own); // the answer is the caller's
            values.delete(step.output);
            for (const value of step.inputs) if (!learning.has(value)) release(values, left, value);
          }
          observeLayer(undefined, 'backward');
          return variables.map((variable) => {
            const found = gradients.get(variable);
            if (found === undefined) throw new Error(`${variable.name} has no gradient`);
            return found;
          });
        },
      };
    },
    store() {
      const byName = new Map([...variables, ...statistics].map((variable) => [variable.name, variable]));
      for (const layer of model.layers) {
        const own = layer.weights.map((weight) => byName.get(weightName(layer, weight)));
        if (own.every((variable) => variable === undefined)) continue;
        tf.tidy(() => {
          layer.setWeights(
            layer.weights.map((weight, at) => {
              const variable = own[at];
              return variable ? tf.tensor(variable.values(), [...variable.shape]) : weight.read();
            }),
          );
        });
      }
    },
    dispose() {
      for (const operation of operations) operation.dispose();
    },
  };
}

/** The values that a variable has a say in: nothing flows back beyond them. */
function learningValues(steps: readonly Step[]): ReadonlySet<number> {
  const learning = new Set<number>();
  for (const { operation, inputs, output } of steps) {
    if (operation.variables.length > 0 || inputs.some((value) => learning.has(value))) learning.add(output);
  }
  return learning;
}

/** How many read each value; whoever asked for the output is one more. */
function countReaders(steps: readonly Step[], output: number): ReadonlyMap<number, number> {
  const readers = new Map<number, number>([[output, 1]]);
  for (const value of steps.flatMap(({ inputs }) => inputs)) {
    readers.set(value, (readers.get(value) ?? 0) + 1);
  }
  return readers;
}

function valueOf(values: ReadonlyMap<number, Handle>, value: number): Handle {
  const handle = values.get(value);
  if (handle === undefined) throw new Error(`value ${value} is read before it is written`);
  return handle;
}

/** One reader less; the last frees the value, unless that is the program's input. */
function release(values: Map<number, Handle>, left: Map<number, number>, value: number): void {
  const readers = (left.get(value) ?? 0) - 1;
  left.set(value, readers);
  if (readers > 0 || value === 0) return;
  free(values.get(value));
  values.delete(value);
}

function summed(a: Handle, b: Handle): Handle {
  const sum = add(a, b);
  free(a, b);
  return sum;
}
