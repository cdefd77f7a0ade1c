/** Layered layout, left to right (Sugiyama et al. 1981): layers, lanes for long arcs, order, then heights. */
import { rowsAsBefore } from "./known";
import { addLanes, byLayer, type Lanes } from "./lanes";
import { assignLayers, withoutCycles } from "./layers";
import { adjustRows, orderRows } from "./order";
import { type Arc, type Box, type Layout, type LayoutInput, neighbours, type Route, type Segment } from "./types";
import { type Extent, placeVertically } from "./vertical";

const LANE_HEIGHT = 10;
const LEAST_LAYER_GAP = 78;
const MOST_LAYER_GAP = 200;

/** Lay out boxes so that no two overlap and every arc, but those that close a cycle, points right.
 *
 * Equal input gives equal output; the order of boxes and arcs decides ties. What `before` shows of the same boxes keeps
 * its order, but where another one crosses less.
 */
export function layOut(input: LayoutInput, before?: Layout): Layout {
  const boxes = input.boxes;
  const numbers = new Map(boxes.map((box, index) => [box.id, index]));
  const arcs = distinctArcs(input.arcs, numbers);
  const forward = withoutCycles(boxes.length, arcs);
  const lanes = addLanes(assignLayers(boxes.length, forward), forward);
  const near = neighbours(lanes.layers.length, lanes.segments);
  const unordered = byLayer(lanes.layers);
  const known = rowsAsBefore(unordered, { boxes, arcs, lanes, near }, before);
  const rows = known ? adjustRows(known, near) : orderRows(unordered, near);
  const centres = placeVertically(rows, near, extentsOf(boxes, lanes));
  const columns = columnsOf(boxes, lanes, rows.length, input.gap ?? LEAST_LAYER_GAP);
  return {
    places: boxes.map((box, index) => {
      const layer = lanes.layers[index] ?? 0;
      const column = columns[layer] ?? { x: 0, width: box.width };
      return { id: box.id, layer, x: column.x, y: Math.round((centres[index] ?? 0) - box.height / 2) };
    }),
    routes: arcs.flatMap((arc, index) => {
      const isReversed = forward[index] !== arc;
      return isReversed ? [] : routeOf(arc, lanes.ofArc[index] ?? [], boxes, lanes, centres, columns);
    }),
  };
}

function distinctArcs(arcs: readonly Arc[], numbers: Map<string, number>): Segment[] {
  const distinct = new Map<string, Segment>();
  for (const arc of arcs) {
    const from = numbers.get(arc.source);
    const to = numbers.get(arc.target);
    if (from === undefined || to === undefined || from === to) continue;
    distinct.set(`${from} ${to}`, { from, to });
  }
  return [...distinct.values()];
}

function extentsOf(boxes: readonly Box[], lanes: Lanes): Extent[] {
  return lanes.layers.map((_, vertex) => {
    const box = boxes[vertex];
    return box ? { height: box.height, isLane: false } : { height: LANE_HEIGHT, isLane: true };
  });
}

interface LayerColumn {
  x: number;
  width: number;
}

/** Where each layer stands; the gap before it grows with the number of arcs that cross it. */
function columnsOf(boxes: readonly Box[], lanes: Lanes, count: number, least: number): LayerColumn[] {
  const widths = new Array<number>(count).fill(0);
  const arcsInto = new Array<number>(count).fill(0);
  boxes.forEach((box, index) => {
    const layer = lanes.layers[index] ?? 0;
    widths[layer] = Math.max(widths[layer] ?? 0, box.width);
  });
  for (const { to } of lanes.segments) {
    const layer = lanes.layers[to] ?? 0;
    arcsInto[layer] = (arcsInto[layer] ?? 0) + 1;
  }
  let x = 0;
  return widths.map((width, layer) => {
    const gap = Math.min(MOST_LAYER_GAP, least + 2 * (arcsInto[layer + 1] ?? 0));
    const column = { x, width };
    x += width + gap;
    return column;
  });
}

function routeOf(
  arc: Segment,
  laneVertices: readonly number[],
  boxes: readonly Box[],
  lanes: Lanes,
  centres: readonly number[],
  columns: readonly LayerColumn[],
): Route[] {
  const [source, target] = [boxes[arc.from]?.id, boxes[arc.to]?.id];
  if (laneVertices.length === 0 || source === undefined || target === undefined) return [];
  const points = laneVertices.flatMap((lane) => {
    const column = columns[lanes.layers[lane] ?? 0] ?? { x: 0, width: 0 };
    const y = centres[lane] ?? 0;
    return [
      { x: column.x, y },
      { x: column.x + column.width, y },
    ];
  });
  return [{ source, target, points }];
}
