import { describe, expect, it } from "vitest";
import { countCrossings } from "../../src/graph/layout/crossings";
import { addLanes, byLayer } from "../../src/graph/layout/lanes";
import { layOut } from "../../src/graph/layout/layered";
import { assignLayers, withoutCycles } from "../../src/graph/layout/layers";
import { orderRows } from "../../src/graph/layout/order";
import { neighbours, type Segment } from "../../src/graph/layout/types";
import { warehouse } from "./graphs";

describe("layered layout", () => {
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

  it("places 5,000 tables within seconds", () => {
    const begun = performance.now();
    expect(layOut(warehouse(5000, 1)).places).toHaveLength(5000);
    expect(performance.now() - begun).toBeLessThan(20_000);
  });
});
