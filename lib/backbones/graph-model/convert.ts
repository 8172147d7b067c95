import type { GraphModelDocument, GraphNode } from '../../../contracts/schemas/backbone';
import type { Backbone } from '../backbone';
import { refused } from '../refused';
import { refusedOperation } from './attributes';
import { constantsOf } from './constants';
import { LayerList } from './layer-list';
import { operations, type Value } from './operations';
import { inOrder, operationNamed, readBy, shown } from './order';

/**
 * A TF.js graph model (a frozen `tensorflow.GraphDef`, as `tensorflowjs_converter` writes it) as a layers model that
 * answers the same: an operation a layer, biases in the layers that they belong to, identities left out. Layers are named
 * for their operations, without the folder that all of them lie in and with `_` for `/`.
 *
 * @throws Failure `configuration-invalid`, naming an operation that there is no layer for.
 */
export function layersOfGraph(document: GraphModelDocument, bytes: Uint8Array): Backbone {
  const { node: nodes } = document.modelTopology;
  const constants = constantsOf(
    document.weightsManifest.flatMap(({ weights }) => weights),
    bytes,
  );
  const output = outputOf(document);
  const order = inOrder(nodes, output);
  const readers = new Map<string, number>([[output, 1]]);
  for (const name of order.flatMap(readBy)) readers.set(name, (readers.get(name) ?? 0) + 1);
  const pictures = order.filter(({ op }) => op === 'Placeholder');
  if (pictures.length !== 1) throw refused(`it reads ${pictures.length} inputs; expected pictures alone.`);

  const layers = new LayerList(order.filter(({ op }) => op !== 'Const').map(({ name }) => name));
  const values = new Map<string, Value>();
  for (const node of order) {
    const inputs = readBy(node).flatMap((name) => values.get(name) ?? []);
    const alone = inputs.every((input) => input.kind === 'constant' || node.op !== 'Identity' || input.alone);
    const value = node.op === 'Const' ? constantOf(node) : converted(node, layers, inputs);
    values.set(
      node.name,
      value.kind === 'layer'
        ? { ...value, alone: alone && readers.get(node.name) === 1 && node.name !== output }
        : value,
    );
  }
  const answer = values.get(output);
  if (answer?.kind !== 'layer') throw refused('its output is a constant.');
  return layers.build(answer.layer);

  function constantOf({ name }: GraphNode): Value {
    const constant = constants.get(name);
    if (constant === undefined) throw refused(`its weights lack the constant ${shown(name)}.`);
    return { kind: 'constant', constant };
  }
}

function converted(node: GraphNode, layers: LayerList, inputs: readonly Value[]) {
  const convert = Object.hasOwn(operations, node.op) ? operations[node.op] : undefined;
  if (convert === undefined) {
    throw refusedOperation(
      node,
      `has no layer for it. Give the model that it was converted from as a layers model.`,
    );
  }
  return convert(node, { layers, inputs });
}

/** The one operation that the signature names, or the one that nothing reads. */
function outputOf({ signature, userDefinedMetadata, modelTopology }: GraphModelDocument): string {
  const named = Object.values((signature ?? userDefinedMetadata?.signature)?.outputs ?? {});
  const read = new Set(
    modelTopology.node.flatMap(({ input }) =>
      input.map((name) => name.replace(/^\^/, '').replace(/:\d+$/, '')),
    ),
  );
  const outputs =
    named.length > 0
      ? named.map(({ name }) => operationNamed(name))
      : modelTopology.node.filter(({ name, op }) => !read.has(name) && op !== 'NoOp').map(({ name }) => name);
  const [only] = outputs;
  if (only === undefined || outputs.length > 1) {
    throw refused(`it has ${outputs.length} outputs; expected its features alone.`);
  }
  return only;
}
