import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bounds, EMPTY_SCENE, type Scene } from "../../src/graph/scene";
import { CARD_WIDTH } from "../../src/graph/shape";
import { clearOfCorner, fitReadably, legible, toScreen } from "../../src/graph/view";
import { aroundPlace, placeOf, readPlace, writePlace } from "../../src/lineage/place";

const SIZE = { width: 1100, height: 700 };
const LENGTH = fc.integer({ min: 300, max: 9000 });
const ROOT = "dataset:n:t";

function sceneWithRootAt(x: number, y: number): Scene {
  const card = { x, y, layer: 0, shape: { height: 100 } } as never;
  return { ...EMPTY_SCENE, cards: new Map([[ROOT, card]]) };
}

describe("the first look", () => {
  it("is never smaller than readable, and the chosen card is on screen", () => {
    fc.assert(
      fc.property(LENGTH, LENGTH, fc.nat(100), fc.nat(100), (width, height, across, down) => {
        const bounds = { x: -50, y: 70, width, height };
        const at = { x: -50 + ((width - CARD_WIDTH) * across) / 100, y: 70 + ((height - 100) * down) / 100 };
        const view = fitReadably(bounds, { ...at, width: CARD_WIDTH, height: 100 }, 0.6, SIZE);
        const corner = toScreen(view, at);
        const far = toScreen(view, { x: at.x + CARD_WIDTH, y: at.y + 100 });
        expect(view.scale).toBeGreaterThanOrEqual(0.6);
        expect(Math.min(corner.x, corner.y)).toBeGreaterThanOrEqual(0);
        expect(far.x).toBeLessThanOrEqual(SIZE.width);
        expect(far.y).toBeLessThanOrEqual(SIZE.height);
      }),
    );
  });

  it("of a path that ends at the chosen card shows as much of it as there is room for", () => {
    const chosen = { x: 5000 - CARD_WIDTH, y: 0, width: CARD_WIDTH, height: 100 };
    const view = fitReadably({ x: 0, y: 0, width: 5000, height: 100 }, chosen, 0.6, SIZE);
    expect(toScreen(view, { x: 5000, y: 0 }).x).toBeCloseTo(SIZE.width - 24);
  });
});

describe("the tools in the lower left corner", () => {
  const corner = { width: 236, height: 136 };
  const look = (bounds: Bounds, cards: Bounds[]) =>
    clearOfCorner(fitReadably(bounds, bounds, 0.6, SIZE), bounds, cards, corner, SIZE);

  it("hide no card where there is room above or beside the graph", () => {
    const low = { x: 0, y: SIZE.height - 200, width: CARD_WIDTH, height: 100 };
    const tall = { x: 0, y: 0, width: 600, height: SIZE.height - 48 };
    expect(toScreen(look(tall, [low]), low).x).toBeGreaterThanOrEqual(corner.width);
    const wide = { x: 0, y: 0, width: SIZE.width - 48, height: SIZE.height - 200 };
    const last = { x: 0, y: SIZE.height - 300, width: CARD_WIDTH, height: 100 };
    const bottom = toScreen(look(wide, [last]), { x: 0, y: SIZE.height - 200 }).y;
    expect(bottom).toBeLessThanOrEqual(SIZE.height - corner.height + 1e-6);
  });
});

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
