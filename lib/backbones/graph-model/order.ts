import type { GraphNode } from '../../../contracts/schemas/backbone';
import { refused } from '../refused';

/** The operation whose output an input or a signature names. */
export function operationNamed(reference: string): string {
  const [, name = '', output = '0'] = /^(.*?)(?::(\d+))?$/.exec(reference) ?? [];
  if (output !== '0') throw refused(`it reads more than the first output of ${shown(name)}.`);
  return name;
}

/** What an operation reads, without those that it only waits for. */
export function readBy(node: GraphNode): string[] {
  return node.input.filter((input) => !input.startsWith('^')).map(operationNamed);
}

/**
 * The operations that an output needs, each after those that it reads. Without recursion: a file may hold a chain
 * that is longer than the stack is deep.
 *
 * @throws Failure `configuration-invalid` of a graph with a ring, or with a name that nothing bears.
 */
export function inOrder(nodes: readonly GraphNode[], output: string): GraphNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const named = (name: string): GraphNode => {
    const node = byName.get(name);
    if (node === undefined) throw refused(`its graph reads ${shown(name)}, which isn't in it.`);
    return node;
  };
  const order: GraphNode[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const open: { readonly node: GraphNode; readonly left: string[] }[] = [];
  const enter = (name: string): void => {
    const node = named(name);
    state.set(name, 'open');
    open.push({ node, left: readBy(node).reverse() });
  };
  enter(output);
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const next = top.left.pop();
    if (next === undefined) {
      state.set(top.node.name, 'done');
      order.push(top.node);
      open.pop();
    } else if (state.get(next) === 'open') {
      throw refused(`its graph has a ring at ${shown(next)}.`);
    } else if (state.get(next) === undefined) {
      enter(next);
    }
  }
  return order;
}

/** A name of a file, for a message. */
export function shown(name: string): string {
  return `"${name.slice(0, 100).replace(/[^\x20-\x7e]/g, '?')}"`;
}
