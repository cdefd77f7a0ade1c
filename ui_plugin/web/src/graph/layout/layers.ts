/** Assigns layers: cycles are broken by depth-first search, then longest path, then boxes move towards their readers. */
import { neighbours, type Segment } from "./types";

/** Reverse the arcs that close a cycle, in a depth-first walk in vertex order (Sugiyama's first step). */
export function withoutCycles(count: number, arcs: readonly Segment[]): Segment[] {
  const outgoing: number[][] = Array.from({ length: count }, () => []);
  arcs.forEach((arc, index) => {
    outgoing[arc.from]?.push(index);
  });
  const state = new Uint8Array(count); // 0 new, 1 on the stack, 2 done
  const reversed = new Set<number>();
  for (let root = 0; root < count; root++) {
    if (state[root] === 0) visit(root, arcs, outgoing, state, reversed);
  }
  return arcs.map((arc, index) => (reversed.has(index) ? { from: arc.to, to: arc.from } : arc));
}

function visit(
  root: number,
  arcs: readonly Segment[],
  outgoing: number[][],
  state: Uint8Array,
  reversed: Set<number>,
): void {
  const stack = [{ vertex: root, next: 0 }];
  state[root] = 1;
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const index = outgoing[top.vertex]?.[top.next++];
    if (index === undefined) {
      state[top.vertex] = 2;
      stack.pop();
      continue;
    }
    const target = arcs[index]?.to ?? top.vertex;
    if (state[target] === 1) reversed.add(index);
    if (state[target] !== 0) continue;
    state[target] = 1;
    stack.push({ vertex: target, next: 0 });
  }
}

/** Layer of each vertex of an acyclic graph: every arc points to a higher one. */
export function assignLayers(count: number, arcs: readonly Segment[]): number[] {
  const { before, after } = neighbours(count, arcs);
  const order = topologicalOrder(before, after);
  const layers = new Array<number>(count).fill(0);
  for (const vertex of order) {
    for (const target of after[vertex] ?? []) {
      layers[target] = Math.max(layers[target] ?? 0, (layers[vertex] ?? 0) + 1);
    }
  }
  for (const vertex of order.reverse()) pullRight(vertex, layers, before, after);
  return fromZero(layers);
}

/** Shorten a vertex's outgoing arcs where that lengthens no greater number of incoming ones. */
function pullRight(vertex: number, layers: number[], before: number[][], after: number[][]): void {
  const targets = after[vertex] ?? [];
  if (targets.length <= (before[vertex] ?? []).length) return;
  layers[vertex] = Math.min(...targets.map((target) => layers[target] ?? 0)) - 1;
}

function topologicalOrder(before: number[][], after: number[][]): number[] {
  const waiting = before.map((list) => list.length);
  const order = waiting.flatMap((left, vertex) => (left === 0 ? [vertex] : []));
  for (let at = 0; at < order.length; at++) {
    for (const target of after[order[at] ?? 0] ?? []) {
      const left = (waiting[target] ?? 0) - 1;
      waiting[target] = left;
      if (left === 0) order.push(target);
    }
  }
  return order;
}

/** Close empty layers, so that the leftmost is 0 and numbers are consecutive. */
function fromZero(layers: number[]): number[] {
  const rank = new Map([...new Set(layers)].sort((a, b) => a - b).map((layer, index) => [layer, index]));
  return layers.map((layer) => rank.get(layer) ?? 0);
}
