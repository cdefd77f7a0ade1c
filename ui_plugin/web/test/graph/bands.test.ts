import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inBands } from "../../src/graph/layout/bands";
import { layOut } from "../../src/graph/layout/layered";
import type { Layout, LayoutInput } from "../../src/graph/layout/types";
import { beziersOf } from "../../src/graph/paint/pen";
import { ANY_FLOW, warehouse } from "./graphs";

const ROOM = { width: 1400, height: 720 };

function chain(length: number): LayoutInput {
  const boxes = Array.from({ length }, (_, n) => ({ id: `t${n}`, width: 208, height: 96 }));
  return { boxes, arcs: boxes.slice(1).map(({ id }, n) => ({ source: `t${n}`, target: id })), gap: 46 };
}

function overlapping({ boxes }: LayoutInput, { places }: Layout): boolean {
  const framed = places.map((place, index) => ({ ...place, ...boxes[index] }));
  return framed.some((a, at) =>
    framed
      .slice(at + 1)
      .some(
        (b) =>
          a.x < b.x + (b.width ?? 0) &&
          b.x < a.x + (a.width ?? 0) &&
          a.y < b.y + (b.height ?? 0) &&
          b.y < a.y + (a.height ?? 0),
      ),
  );
}

describe("a long path", () => {
  it("is broken into bands below each other", () => {
    const input = chain(12);
    const broken = inBands(layOut(input), input, ROOM);
    const tops = [...new Set(broken.places.map(({ y }) => y))];
    expect(tops.length).toBeGreaterThan(1);
    expect(Math.max(...broken.places.map(({ x }) => x))).toBeLessThan(ROOM.width);
    expect(broken.places.map(({ layer }) => layer)).toEqual(layOut(input).places.map(({ layer }) => layer));
  });

  it("has one way back to the left from each band to the next", () => {
    const input = chain(12);
    const { routes, places } = inBands(layOut(input), input, ROOM);
    const rows = new Set(places.map(({ y }) => y)).size;
    expect(routes).toHaveLength(rows - 1);
    for (const { points } of routes) expect(points[1]?.x).toBeLessThan(points[0]?.x ?? 0);
  });

  it("ends each band at the same edge, so that a short last one leaves the lower left corner free", () => {
    const input = chain(11);
    const { places } = inBands(layOut(input), input, ROOM);
    const rows = [...Map.groupBy(places, ({ y }) => y).values()].map((row) => row.map(({ x }) => x));
    expect(new Set(rows.map((row) => Math.max(...row))).size).toBe(1);
    expect(Math.min(...(rows.at(-1) ?? []))).toBeGreaterThan(Math.min(...(rows[0] ?? [])));
  });

  it("stays as it is where it can be read, or is as high as the room", () => {
    for (const input of [chain(4), warehouse(120, 3)]) {
      const layout = layOut(input);
      expect(inBands(layout, input, ROOM)).toBe(layout);
    }
  });
});

describe("any flow in bands", () => {
  it("keeps boxes apart, and leads every arc to its target's band", () => {
    fc.assert(
      fc.property(ANY_FLOW, fc.integer({ min: 200, max: 3000 }), (input, width) => {
        const { places, routes } = inBands(layOut(input), input, { width, height: 700 });
        const ids = new Set(places.map(({ id }) => id));
        return (
          !overlapping(input, { places, routes }) &&
          ids.size === input.boxes.length &&
          routes.every(({ points }) => points.length % 2 === 0)
        );
      }),
    );
  });
});

describe("a line that turns back", () => {
  it("leaves and arrives to the right, and runs to the left between", () => {
    const points = [
      { x: 0, y: 0 },
      { x: 30, y: 100 },
      { x: -500, y: 100 },
      { x: -470, y: 200 },
    ];
    const [out, lane, back] = beziersOf(points);
    expect(out?.first.x).toBeGreaterThan(0);
    expect(out?.second.x).toBeGreaterThan(30);
    expect(lane?.first.x).toBeLessThan(30);
    expect(back?.first.x).toBeLessThan(-500);
    expect(back?.second.x).toBeLessThan(-470);
  });
});
