import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layOut } from "../../src/graph/layout/layered";
import type { Layout, LayoutInput, Place } from "../../src/graph/layout/types";
import { ANY_FLOW, ANY_GRAPH, warehouse } from "./graphs";
import { crossingsOf, dotLines, ourLines } from "./lines";

function overlaps({ boxes }: LayoutInput, { places }: Layout): string[] {
  const heights = new Map(boxes.map((box) => [box.id, box.height]));
  const columns = Map.groupBy(places, (place) => place.x);
  return [...columns.values()].flatMap((column) => {
    const sorted = column.toSorted((a, b) => a.y - b.y);
    return sorted.slice(1).flatMap((place, at) => {
      const above = sorted[at];
      return above && above.y + (heights.get(above.id) ?? 0) > place.y ? [`${above.id} ${place.id}`] : [];
    });
  });
}

function backwards({ arcs }: LayoutInput, { places }: Layout): string[] {
  const byId = new Map(places.map((place) => [place.id, place]));
  return arcs.flatMap(({ source, target }) => {
    const [from, to] = [byId.get(source), byId.get(target)];
    return from && to && (from.layer >= to.layer || from.x >= to.x) ? [`${source} ${target}`] : [];
  });
}

/** Share of pairs in the same column, before and after, that changed sides. */
function turned(before: Layout, after: Layout): number {
  const old = new Map(before.places.map((place) => [place.id, place]));
  const kept = after.places.flatMap((place) =>
    old.has(place.id) ? [{ now: place, was: old.get(place.id) as Place }] : [],
  );
  const pairs = kept.flatMap((a, index) =>
    kept
      .slice(index + 1)
      .filter((b) => a.was.layer === b.was.layer && a.now.layer === b.now.layer)
      .map((b) => [a, b] as const),
  );
  const flipped = pairs.filter(([a, b]) => (a.was.y - b.was.y) * (a.now.y - b.now.y) < 0);
  return pairs.length === 0 ? 0 : flipped.length / pairs.length;
}

function withTable(input: LayoutInput, source: string): LayoutInput {
  return {
    boxes: [...input.boxes, { id: "new", width: 220, height: 90 }],
    arcs: [...input.arcs, { source, target: "new" }],
  };
}

describe("any layout", () => {
  it("keeps boxes apart", () => {
    fc.assert(fc.property(ANY_GRAPH, (input) => overlaps(input, layOut(input)).length === 0));
  });

  it("leads every arc of a flow to a later layer, further right", () => {
    fc.assert(fc.property(ANY_FLOW, (input) => backwards(input, layOut(input)).length === 0));
  });

  it("places every box once", () => {
    fc.assert(
      fc.property(
        ANY_GRAPH,
        (input) =>
          layOut(input)
            .places.map((place) => place.id)
            .join() === input.boxes.map((box) => box.id).join(),
      ),
    );
  });

  it("is what it was where nothing changed", () => {
    fc.assert(fc.property(ANY_FLOW, (input) => turned(layOut(input), layOut(input, layOut(input))) === 0));
  });
});

describe("a small edit", () => {
  it.each([60, 300])("of %i tables turns next to nothing around", (tables) => {
    const input = warehouse(tables, 7, 0.3);
    const before = layOut(input);
    for (const at of [0, 5, tables >> 1]) {
      const grown = withTable(input, `t${at}`);
      expect(turned(before, layOut(grown, before))).toBeLessThan(0.02);
    }
  });

  it("still keeps boxes apart and arcs pointing right", () => {
    const input = withTable(warehouse(120, 3), "t7");
    const layout = layOut(input, layOut(warehouse(120, 3)));
    expect(overlaps(input, layout)).toEqual([]);
    expect(backwards(input, layout)).toEqual([]);
  });
});

describe("beside graphviz's dot", () => {
  it("crosses at most half as many lines again, at 1,000 tables", { timeout: 120_000 }, async () => {
    const input = warehouse(1000, 1, 0.3);
    const [ours, theirs] = [crossingsOf(ourLines(input)), crossingsOf(await dotLines(input))];
    expect(theirs).toBeGreaterThan(1000);
    expect(ours / theirs).toBeLessThanOrEqual(1.5);
  });
});
