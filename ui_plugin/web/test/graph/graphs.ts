/** Graphs to lay out. */
import fc from "fast-check";
import type { LayoutInput } from "../../src/graph/layout/types";

/** Numbers that look random and are always the same (Numerical Recipes' generator). */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A warehouse of eight layers: each table reads `1 + share` of the layer before, now and then of one further back. */
export function warehouse(tables: number, seed: number, share = 1): LayoutInput {
  const random = randomFrom(seed);
  const perLayer = Math.max(2, Math.ceil(tables / 8));
  const boxes = Array.from({ length: tables }, (_, n) => ({ id: `t${n}`, width: 220, height: 40 + 20 * random(8) }));
  const arcs = boxes.flatMap((box, n) => {
    const layer = Math.floor(n / perLayer);
    if (layer === 0) return [];
    const from = Math.max(0, layer - 1 - (random(5) === 0 ? random(layer) : 0)) * perLayer;
    const reads = random(100) < 100 * share ? 2 : 1;
    return Array.from({ length: reads }, () => ({ source: `t${from + random(perLayer)}`, target: box.id }));
  });
  return { boxes, arcs };
}

/** Any graph of up to 24 boxes, cycles and loops among them. */
export const ANY_GRAPH = fc
  .integer({ min: 1, max: 24 })
  .chain((count) =>
    fc.record({
      heights: fc.array(fc.integer({ min: 20, max: 400 }), { minLength: count, maxLength: count }),
      ends: fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 3 * count }),
    }),
  )
  .map(({ heights, ends }) => graphOf(heights, ends));

/** Any graph without cycles. */
export const ANY_FLOW = ANY_GRAPH.map(({ boxes, arcs }) => ({
  boxes,
  arcs: arcs.filter(({ source, target }) => Number(source) < Number(target)),
}));

function graphOf(heights: number[], ends: [number, number][]): LayoutInput {
  return {
    boxes: heights.map((height, index) => ({ id: String(index), width: 220, height })),
    arcs: ends.map(([source, target]) => ({ source: String(source), target: String(target) })),
  };
}
