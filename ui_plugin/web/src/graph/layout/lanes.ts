/** Splits arcs over several layers into segments between neighbouring ones, with a lane vertex in each layer between. */
import type { Segment } from "./types";

export interface Lanes {
  /** Layer of each vertex; the first ones are boxes, the rest lanes. */
  layers: number[];
  segments: Segment[];
  /** The lane vertices of each arc, left to right. */
  ofArc: number[][];
}

export function addLanes(boxLayers: readonly number[], arcs: readonly Segment[]): Lanes {
  const layers = [...boxLayers];
  const segments: Segment[] = [];
  const ofArc = arcs.map(({ from, to }) => {
    const lanes: number[] = [];
    let previous = from;
    for (let layer = (layers[from] ?? 0) + 1; layer < (layers[to] ?? 0); layer++) {
      const lane = layers.push(layer) - 1;
      segments.push({ from: previous, to: lane });
      lanes.push(lane);
      previous = lane;
    }
    segments.push({ from: previous, to });
    return lanes;
  });
  return { layers, segments, ofArc };
}

/** Vertices of each layer, in vertex order. */
export function byLayer(layers: readonly number[]): number[][] {
  const rows: number[][] = Array.from({ length: layers.length === 0 ? 0 : Math.max(...layers) + 1 }, () => []);
  layers.forEach((layer, vertex) => {
    rows[layer]?.push(vertex);
  });
  return rows;
}
