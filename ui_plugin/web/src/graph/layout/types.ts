/** What the layout takes and gives; plain data, since it crosses into a Web Worker. Lengths are world pixels. */

export interface Box {
  id: string;
  width: number;
  height: number;
}

export interface Arc {
  source: string;
  target: string;
}

export interface LayoutInput {
  boxes: Box[];
  arcs: Arc[];
  /** Least room between two layers; without it, enough for what hangs on the boxes' sides. */
  gap?: number;
  /** Where it is shown: what is long and low is broken into bands to fill it. */
  room?: { width: number; height: number };
}

export interface Point {
  x: number;
  y: number;
}

/** A box's place (top left corner) and its layer, counted from the left. */
export interface Place extends Point {
  id: string;
  layer: number;
}

/** The lane of an arc that passes through layers between its ends: entry and exit of each, left to right. */
export interface Route {
  source: string;
  target: string;
  points: Point[];
}

export interface Layout {
  places: Place[];
  routes: Route[];
}

/** A directed edge between vertex numbers. */
export interface Segment {
  from: number;
  to: number;
}

/** Neighbours of each vertex, both ways. */
export interface Neighbours {
  before: number[][];
  after: number[][];
}

export function neighbours(count: number, segments: readonly Segment[]): Neighbours {
  const before: number[][] = Array.from({ length: count }, () => []);
  const after: number[][] = Array.from({ length: count }, () => []);
  for (const { from, to } of segments) {
    after[from]?.push(to);
    before[to]?.push(from);
  }
  return { before, after };
}
