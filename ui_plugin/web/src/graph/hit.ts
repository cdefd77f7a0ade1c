/** What lies under a point of the scene. */
import type { Point } from "./layout/types";
import { type Marks, NOTHING_MORE } from "./paint/marks";
import { PILL } from "./paint/paintCard";
import { type Bezier, bezierAt, beziersOf } from "./paint/pen";
import type { Curve, Scene, SceneCard } from "./scene";
import { CARD_WIDTH, HEADER_HEIGHT, ROW_HEIGHT, rowsTop } from "./shape";

export type Hit =
  | { kind: "card" | "footer" | "filter"; card: string }
  | { kind: "column"; card: string; column: string }
  | { kind: "page"; card: string; step: 1 | -1 }
  | { kind: "more"; card: string; side: "upstream" | "downstream" }
  | { kind: "curve"; curve: Curve };

/** Beyond this many curves the pointer finds them on click only. */
export const MOST_CURVES_TO_HOVER = 1500;
const SAMPLES = 14;

/** `slack` is how far from a curve still counts, in world pixels. */
export function hitTest(scene: Scene, marks: Marks, at: Point, slack: number): Hit | null {
  for (const card of scene.cards.values()) {
    const hit = pillHit(card, marks, at) ?? cardHit(card, at);
    if (hit) return hit;
  }
  return curveHit(scene.curves, at, slack);
}

function cardHit(placed: SceneCard, at: Point): Hit | null {
  const { shape, x, y } = placed;
  if (at.x < x || at.x > x + CARD_WIDTH || at.y < y || at.y > y + shape.height) return null;
  const card = shape.card.id;
  if (at.y < y + HEADER_HEIGHT) return { kind: "card", card };
  if (shape.footer && at.y > y + shape.height - ROW_HEIGHT - 2) return footerHit(placed, at);
  const column = shape.columns[Math.floor((at.y - y - rowsTop(shape)) / ROW_HEIGHT)];
  if (column) return { kind: "column", card, column: column.name };
  return { kind: shape.hasFilter && at.y < y + rowsTop(shape) ? "filter" : "card", card };
}

function footerHit({ shape, x }: SceneCard, at: Point): Hit {
  const fromRight = x + CARD_WIDTH - at.x;
  const card = shape.card.id;
  if (!shape.footer?.hasPages || fromRight > 56) return { kind: "footer", card };
  return { kind: "page", card, step: fromRight > 32 ? -1 : 1 };
}

function pillHit({ shape, x, y }: SceneCard, marks: Marks, at: Point): Hit | null {
  const more = marks.more.get(shape.card.id) ?? NOTHING_MORE;
  const isLevel = Math.abs(at.y - y - HEADER_HEIGHT / 2) <= PILL.height / 2;
  const reach = PILL.width + PILL.gap;
  if (!isLevel) return null;
  if (more.upstream > 0 && at.x < x && at.x > x - reach) return { kind: "more", card: shape.card.id, side: "upstream" };
  const right = x + CARD_WIDTH;
  if (more.downstream === 0 || at.x < right || at.x > right + reach) return null;
  return { kind: "more", card: shape.card.id, side: "downstream" };
}

function curveHit(curves: readonly Curve[], at: Point, slack: number): Hit | null {
  let best: Curve | null = null;
  let least = slack;
  for (const curve of curves) {
    for (const bezier of beziersOf(curve.points)) {
      if (!mayTouch(bezier, at, slack)) continue;
      const distance = distanceTo(bezier, at);
      if (distance > least) continue;
      least = distance;
      best = curve;
    }
  }
  return best && { kind: "curve", curve: best };
}

function mayTouch({ from, first, second, to }: Bezier, at: Point, slack: number): boolean {
  const xs = [from.x, first.x, second.x, to.x];
  const isLevel = at.y >= Math.min(from.y, to.y) - slack && at.y <= Math.max(from.y, to.y) + slack;
  return isLevel && at.x >= Math.min(...xs) - slack && at.x <= Math.max(...xs) + slack;
}

function distanceTo(bezier: Bezier, at: Point): number {
  let least = Number.POSITIVE_INFINITY;
  let previous = bezier.from;
  for (let sample = 1; sample <= SAMPLES; sample++) {
    const next = bezierAt(bezier, sample / SAMPLES);
    least = Math.min(least, distanceToLine(at, previous, next));
    previous = next;
  }
  return least;
}

function distanceToLine(at: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const along = ((at.x - from.x) * dx + (at.y - from.y) * dy) / (dx * dx + dy * dy || 1);
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(at.x - from.x - share * dx, at.y - from.y - share * dy);
}
