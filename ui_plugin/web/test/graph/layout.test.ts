import { describe, expect, it } from "vitest";
import { countCrossings } from "../../src/graph/layout/crossings";
import { addLanes, byLayer } from "../../src/graph/layout/lanes";
import { layOut } from "../../src/graph/layout/layered";
import { assignLayers, withoutCycles } from "../../src/graph/layout/layers";
import { orderRows } from "../../src/graph/layout/order";
import { type LayoutInput, neighbours, type Segment } from "../../src/graph/layout/types";

/** A warehouse of layers: each table reads a few of the layer before, now and then of one further back. */
function warehouse(tables: number, seed: number): LayoutInput {
  let state = seed;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
  const perLayer = Math.max(2, Math.ceil(tables / 8));
  const boxes = Array.from({ length: tables }, (_, n) => ({ id: `t${n}`, width: 220, height: 40 + 20 * random(8) }));
  const arcs = boxes.flatMap((box, n) => {
    const layer = Math.floor(n / perLayer);
    if (layer === 0) return [];
    const from = Math.max(0, layer - 1 - (random(5) === 0 ? random(layer) : 0)) * perLayer;
    return [0, 1].map(() => ({ source: `t${from + random(perLayer)}`, target: box.id }));
  });
  return { boxes, arcs };
}

function overlaps(input: LayoutInput): string[] {
  const places = layOut(input).places;
  const heights = new Map(input.boxes.map((box) => [box.id, box.height]));
  return places.flatMap((a, index) =>
    places
      .slice(index + 1)
      .filter((b) => a.layer === b.layer)
      .filter((b) => a.y < b.y + (heights.get(b.id) ?? 0) && b.y < a.y + (heights.get(a.id) ?? 0))
      .map((b) => `${a.id} ${b.id}`),
  );
}

describe("layered layout", () => {
  it.each([3, 40, 300])("keeps %i boxes apart", (tables) => {
    expect(overlaps(warehouse(tables, 7))).toEqual([]);
  });

  it("points every arc to the right", () => {
    const input = warehouse(200, 3);
    const x = new Map(layOut(input).places.map((place) => [place.id, place.x]));
    expect(input.arcs.filter((arc) => (x.get(arc.source) ?? 0) >= (x.get(arc.target) ?? 0))).toEqual([]);
  });

  it("gives the same answer each time", () => {
    expect(layOut(warehouse(150, 11))).toEqual(layOut(warehouse(150, 11)));
  });

  it("lays out cycles and loops", () => {
    const boxes = ["a", "b", "c"].map((id) => ({ id, width: 10, height: 10 }));
    const arcs = [
      { source: "a", target: "b" },
      { source: "b", target: "c" },
      { source: "c", target: "a" },
      { source: "b", target: "b" },
    ];
    expect(layOut({ boxes, arcs }).places.map((place) => place.layer)).toEqual([0, 1, 2]);
  });

  it("routes a long arc past the boxes of the layers between", () => {
    const boxes = ["a", "b", "c"].map((id) => ({ id, width: 100, height: 60 }));
    const arcs = [
      { source: "a", target: "b" },
      { source: "b", target: "c" },
      { source: "a", target: "c" },
    ];
    const layout = layOut({ boxes, arcs });
    const middle = layout.places.find((place) => place.id === "b");
    const lane = layout.routes[0]?.points[0];
    expect(layout.routes).toHaveLength(1);
    expect(lane && middle && (lane.y <= middle.y || lane.y >= middle.y + 60)).toBe(true);
  });

  it("puts a source next to its first reader", () => {
    const arcs: Segment[] = [
      { from: 0, to: 1 },
      { from: 1, to: 2 },
      { from: 3, to: 2 },
    ];
    expect(assignLayers(4, arcs)).toEqual([0, 1, 2, 1]);
  });

  it("crosses far fewer arcs than the order in which tables come", () => {
    const input = warehouse(120, 5);
    const number = new Map(input.boxes.map((box, index) => [box.id, index]));
    const arcs = input.arcs.map(({ source, target }) => ({
      from: number.get(source) ?? 0,
      to: number.get(target) ?? 0,
    }));
    const forward = withoutCycles(input.boxes.length, arcs);
    const lanes = addLanes(assignLayers(input.boxes.length, forward), forward);
    const near = neighbours(lanes.layers.length, lanes.segments);
    const naive = byLayer(lanes.layers);
    expect(countCrossings(orderRows(naive, near), near)).toBeLessThan(countCrossings(naive, near) / 2);
  });

  it("places 5,000 tables within a second or two", () => {
    const begun = performance.now();
    expect(layOut(warehouse(5000, 1)).places).toHaveLength(5000);
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});
