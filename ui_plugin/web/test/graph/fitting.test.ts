import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitReadably, openingView, wholeView } from "../../src/graph/fitting";
import { type Bounds, EMPTY_SCENE, type Scene } from "../../src/graph/scene";
import { CARD_WIDTH } from "../../src/graph/shape";
import { toScreen, type View } from "../../src/graph/view";

const SIZE = { width: 1100, height: 700 };
const WINDOW = { x: 0, y: 0, ...SIZE };
const CORNER = { width: 236, height: 136 };
const HEIGHT = 100;
const LENGTH = fc.integer({ min: 300, max: 9000 });

function sceneOf(corners: readonly { x: number; y: number }[]): Scene {
  const cards = new Map(corners.map((at, n) => [`t${n}`, { ...at, layer: 0, shape: { height: HEIGHT } } as never]));
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  const bounds = { x, y, width: Math.max(...xs) - x + CARD_WIDTH, height: Math.max(...ys) - y + HEIGHT };
  return { ...EMPTY_SCENE, cards, bounds };
}

function onScreen(view: View, { x, y }: { x: number; y: number }): Bounds {
  const [from, to] = [toScreen(view, { x, y }), toScreen(view, { x: x + CARD_WIDTH, y: y + HEIGHT })];
  return { ...from, width: to.x - from.x, height: to.y - from.y };
}

function isBelowTools({ x, y, height }: Bounds): boolean {
  return x < CORNER.width - 1e-6 && y + height > SIZE.height - CORNER.height + 1e-6;
}

describe("the first look", () => {
  it("is never smaller than readable, and the chosen card is on screen", () => {
    fc.assert(
      fc.property(LENGTH, LENGTH, fc.nat(100), fc.nat(100), (width, height, across, down) => {
        const bounds = { x: -50, y: 70, width, height };
        const at = { x: -50 + ((width - CARD_WIDTH) * across) / 100, y: 70 + ((height - HEIGHT) * down) / 100 };
        const view = fitReadably(bounds, { ...at, width: CARD_WIDTH, height: HEIGHT }, 0.6, WINDOW);
        const card = onScreen(view, at);
        expect(view.scale).toBeGreaterThanOrEqual(0.6);
        expect(Math.min(card.x, card.y)).toBeGreaterThanOrEqual(0);
        expect(card.x + card.width).toBeLessThanOrEqual(SIZE.width);
        expect(card.y + card.height).toBeLessThanOrEqual(SIZE.height);
      }),
    );
  });

  it("of a path that ends at the chosen card shows as much of it as there is room for", () => {
    const chosen = { x: 5000 - CARD_WIDTH, y: 0, width: CARD_WIDTH, height: HEIGHT };
    const view = fitReadably({ x: 0, y: 0, width: 5000, height: HEIGHT }, chosen, 0.6, WINDOW);
    expect(toScreen(view, { x: 5000, y: 0 }).x).toBeCloseTo(SIZE.width - 40);
  });
});

describe("tools in the lower left corner", () => {
  it("hide no card of a graph that is shown whole", () => {
    const corners = fc.array(fc.record({ x: fc.nat(4000), y: fc.nat(3000) }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(corners, (places) => {
        const view = wholeView(sceneOf(places), { ...SIZE, corner: CORNER });
        expect(places.filter((at) => isBelowTools(onScreen(view, at)))).toEqual([]);
      }),
    );
  });

  it("take no room where no card would lie below them", () => {
    const scene = sceneOf([
      { x: 0, y: 0 },
      { x: 1000 - CARD_WIDTH, y: 580 },
    ]);
    expect(openingView(scene, [], 0.6, { ...SIZE, corner: CORNER })).toEqual(openingView(scene, [], 0.6, SIZE));
  });
});
