import { describe, expect, it } from "vitest";
import { EMPTY_SCENE, type Scene } from "../../src/graph/scene";
import { legible, toScreen } from "../../src/graph/view";
import { aroundPlace, placeOf, readPlace, writePlace } from "../../src/lineage/place";

const SIZE = { width: 1100, height: 700 };
const ROOT = "dataset:n:t";

function sceneWithRootAt(x: number, y: number): Scene {
  const card = { x, y, layer: 0, shape: { height: 100 } } as never;
  return { ...EMPTY_SCENE, cards: new Map([[ROOT, card]]) };
}

describe("names", () => {
  it("stay readable in smaller views, and never grow out of their card", () => {
    expect(legible("email", 12, 1, 16, 180)).toBe(12);
    expect(legible("email", 12, 0.6, 16, 180) * 0.6).toBeGreaterThanOrEqual(9);
    expect(legible("a_name_that_fills_the_whole_card", 12, 0.6, 16, 180)).toBe(12);
  });
});

describe("the place in the address", () => {
  it("is the same part of the graph after another layout", () => {
    const view = { x: 40, y: -20, scale: 0.8 };
    const place = placeOf(sceneWithRootAt(10, 20), ROOT, view, SIZE);
    const told = place && readPlace(new URLSearchParams({ at: writePlace(place) }));
    const again = told && aroundPlace(sceneWithRootAt(310, 220), ROOT, told, SIZE);
    const [before, after] = [toScreen(view, { x: 10, y: 20 }), again && toScreen(again, { x: 310, y: 220 })];
    expect(Math.abs((after?.x ?? 0) - before.x)).toBeLessThan(1);
    expect(Math.abs((after?.y ?? 0) - before.y)).toBeLessThan(1);
  });

  it.each(["", "1,2", "1,2,x", "1,2,99", "1,2,0.001", "NaN,1,1"])("that makes no sense (%s) is none", (text) => {
    expect(readPlace(new URLSearchParams({ at: text }))).toBeNull();
  });
});
