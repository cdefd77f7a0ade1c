/** What painting asks of a scene many times: which curves are in sight, and which are lit. Made once for each scene. */
import type { Bounds, Curve, Scene } from "../scene";
import type { Marks } from "./marks";
import { beziersOf } from "./pen";

/** Every curve between two cards, of which one is drawn from afar. */
export interface Pair {
  curves: Curve[];
}

export interface SceneIndex {
  curvesIn: (seen: Bounds) => Curve[];
  pairsIn: (seen: Bounds) => Pair[];
}

const KNOWN = new WeakMap<Scene, SceneIndex>();

export function indexOf(scene: Scene): SceneIndex {
  const known = KNOWN.get(scene);
  if (known) return known;
  const made = makeIndex(scene);
  KNOWN.set(scene, made);
  return made;
}

/** Edges are asked for when they are first needed: from afar, those of one curve a pair do. */
function makeIndex({ curves }: Scene): SceneIndex {
  const pairs = pairsOf(curves);
  let ofCurves: Float64Array | null = null;
  let ofPairs: Float64Array | null = null;
  return {
    curvesIn: (seen) => {
      ofCurves ??= edgesOf(curves);
      return within(curves, ofCurves, seen);
    },
    pairsIn: (seen) => {
      ofPairs ??= edgesOf(pairs.flatMap((pair) => pair.curves[0] ?? []));
      return within(pairs, ofPairs, seen);
    },
  };
}

function pairsOf(curves: readonly Curve[]): Pair[] {
  const pairs: Pair[] = [];
  let before: Curve | undefined;
  for (const curve of curves) {
    if (before?.source === curve.source && before.target === curve.target) pairs.at(-1)?.curves.push(curve);
    else pairs.push({ curves: [curve] });
    before = curve;
  }
  return pairs;
}

/** Left, top, right and bottom of each curve, one after the other. */
function edgesOf(curves: readonly Curve[]): Float64Array {
  const edges = new Float64Array(4 * curves.length);
  curves.forEach((curve, index) => {
    let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1e12, -1e12];
    for (const { from, first, second, to } of beziersOf(curve.points)) {
      left = Math.min(left, from.x, first.x, second.x, to.x);
      right = Math.max(right, from.x, first.x, second.x, to.x);
      top = Math.min(top, from.y, to.y);
      bottom = Math.max(bottom, from.y, to.y);
    }
    edges.set([left, top, right, bottom], 4 * index);
  });
  return edges;
}

function within<T>(things: readonly T[], edges: Float64Array, { x, y, width, height }: Bounds): T[] {
  const [right, bottom] = [x + width, y + height];
  return things.filter((_, index) => {
    const at = 4 * index;
    const isBeside = (edges[at] ?? 0) > right || (edges[at + 2] ?? 0) < x;
    return !isBeside && (edges[at + 1] ?? 0) <= bottom && (edges[at + 3] ?? 0) >= y;
  });
}

const LIT = new WeakMap<Marks, { scene: Scene; lit: ReadonlySet<Curve> }>();
const NONE: ReadonlySet<Curve> = new Set();

/** The curves that are lit; asked of all once for each state of marks. */
export function litCurves(scene: Scene, marks: Marks): ReadonlySet<Curve> {
  if (marks.lit === null && marks.hoveredCurve === null && marks.selectedLink === null) return NONE;
  const known = LIT.get(marks);
  if (known?.scene === scene) return known.lit;
  const lit = new Set(scene.curves.filter((curve) => isLit(curve, marks)));
  LIT.set(marks, { scene, lit });
  return lit;
}

function isLit(curve: Curve, marks: Marks): boolean {
  if (curve.id === marks.hoveredCurve || curve.links.some((link) => link.id === marks.selectedLink)) return true;
  return marks.lit !== null && curve.links.some((link) => marks.lit?.links.has(link.id));
}
