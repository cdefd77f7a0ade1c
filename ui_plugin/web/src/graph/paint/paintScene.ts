/** Paints a scene: curves, then cards over them. The same code draws on screen and in exports. */
import type { Bounds, Curve, Scene, SceneCard } from "../scene";
import { CARD_WIDTH } from "../shape";
import { DETAIL_SCALE, intersects } from "../view";
import type { Marks } from "./marks";
import { paintBlock, paintCard } from "./paintCard";
import { paintCurves } from "./paintCurves";
import type { Palette } from "./palette";
import type { Pen } from "./pen";
import { indexOf, litCurves } from "./sceneIndex";

export function paintScene(pen: Pen, scene: Scene, marks: Marks, palette: Palette, scale: number, seen: Bounds): void {
  const isDetail = scale >= DETAIL_SCALE;
  const lit = litCurves(scene, marks);
  const curves = isDetail ? indexOf(scene).curvesIn(seen) : overviewCurves(scene, lit, seen);
  paintCurves(pen, curves, { lit, fades: marks.lit !== null, palette, scale, seen: isDetail ? seen : null });
  for (const card of scene.cards.values()) {
    if (!intersects(cardBounds(card), seen)) continue;
    if (isDetail) paintCard(pen, card, marks, palette, scale);
    else paintBlock(pen, card, marks, palette, scale);
  }
  pen.fade(1);
}

/** From afar one curve joins two cards, a lit one where there is any. */
function overviewCurves(scene: Scene, lit: ReadonlySet<Curve>, seen: Bounds): Curve[] {
  const pairs = indexOf(scene).pairsIn(seen);
  if (lit.size === 0) return pairs.flatMap(({ curves }) => curves[0] ?? []);
  return pairs.flatMap(({ curves }) => curves.find((curve) => lit.has(curve)) ?? curves[0] ?? []);
}

function cardBounds({ x, y, shape }: SceneCard): Bounds {
  return { x: x - 36, y, width: CARD_WIDTH + 72, height: shape.height };
}
