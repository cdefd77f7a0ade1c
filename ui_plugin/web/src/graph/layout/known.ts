/** Starts from the layout that the reader sees, so that a small change of the graph changes the picture little. */
import type { Lanes } from "./lanes";
import type { Box, Layout, Neighbours, Segment } from "./types";

/** Below this share of boxes that were there before, the graph is another one and is laid out afresh. */
const LEAST_KNOWN_SHARE = 0.5;
const ROUNDS = 4;

interface Part {
  boxes: readonly Box[];
  arcs: readonly Segment[];
  lanes: Lanes;
  near: Neighbours;
}

/** Layers in the order in which their vertices stood, new ones beside their neighbours; null for another graph. */
export function rowsAsBefore(rows: readonly number[][], part: Part, before: Layout | undefined): number[][] | null {
  if (!before || part.boxes.length === 0) return null;
  const heights = new Float64Array(part.lanes.layers.length).fill(Number.NaN);
  const known = placeBoxes(heights, part.boxes, before);
  if (known < part.boxes.length * LEAST_KNOWN_SHARE) return null;
  placeLanes(heights, part, before);
  for (let round = 0; round < ROUNDS; round++) placeTheRest(heights, part.near);
  const at = (vertex: number) => heights[vertex] || 0;
  return rows.map((row) => [...row].sort((a, b) => at(a) - at(b)));
}

function placeBoxes(heights: Float64Array, boxes: readonly Box[], before: Layout): number {
  const old = new Map(before.places.map((place) => [place.id, place.y]));
  let known = 0;
  boxes.forEach((box, index) => {
    const y = old.get(box.id);
    if (y === undefined) return;
    heights[index] = y + box.height / 2;
    known += 1;
  });
  return known;
}

/** A lane stands where the same arc's lane stood, if it passes as many layers as it did. */
function placeLanes(heights: Float64Array, { boxes, arcs, lanes }: Part, before: Layout): void {
  const old = new Map(before.routes.map((route) => [`${route.source}\n${route.target}`, route.points]));
  arcs.forEach((arc, index) => {
    const points = old.get(`${boxes[arc.from]?.id}\n${boxes[arc.to]?.id}`);
    const own = lanes.ofArc[index] ?? [];
    if (points?.length !== 2 * own.length) return;
    own.forEach((lane, order) => {
      heights[lane] = points[2 * order]?.y ?? 0;
    });
  });
}

/** Give what has no height yet the mean of its neighbours' heights. */
function placeTheRest(heights: Float64Array, near: Neighbours): void {
  heights.forEach((height, vertex) => {
    if (!Number.isNaN(height)) return;
    const around = [...(near.before[vertex] ?? []), ...(near.after[vertex] ?? [])]
      .map((other) => heights[other] ?? Number.NaN)
      .filter((other) => !Number.isNaN(other));
    if (around.length > 0) heights[vertex] = around.reduce((sum, other) => sum + other, 0) / around.length;
  });
}
