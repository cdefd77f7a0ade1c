/** Paints a scene: curves, then cards over them. The same code draws on screen and in exports. */
import { CHANGE_SIGNS, type Change } from "../change";
import { type Bounds, type Curve, pairKey, type Scene, type SceneCard } from "../scene";
import { CARD_WIDTH } from "../shape";
import { DETAIL_SCALE, intersects } from "../view";
import type { Marks } from "./marks";
import { paintBlock, paintCard } from "./paintCard";
import type { Palette } from "./palette";
import { bezierAt, beziersOf, type Pen } from "./pen";

const ARROW = 5;
/** Kinds of line: indirect lineage is dashed; of two times, what went is dotted, what differs is dashed and dotted. */
const DASHES = { indirect: [6, 5], added: [], removed: [2, 4], changed: [9, 3, 2, 3] };

export function paintScene(pen: Pen, scene: Scene, marks: Marks, palette: Palette, scale: number, seen: Bounds): void {
  const isDetail = scale >= DETAIL_SCALE;
  const curves = (isDetail ? scene.curves : overviewCurves(scene.curves, marks)).filter((curve) => isSeen(curve, seen));
  for (const curve of curves.filter((one) => !isLit(one, marks))) paintCurve(pen, curve, marks, palette, scale);
  for (const curve of curves.filter((one) => isLit(one, marks))) paintCurve(pen, curve, marks, palette, scale);
  for (const card of scene.cards.values()) {
    if (!intersects(cardBounds(card), seen)) continue;
    if (isDetail) paintCard(pen, card, marks, palette);
    else paintBlock(pen, card, marks, palette, scale);
  }
  pen.fade(1);
}

/** From afar one curve joins two cards, a lit one where there is any. */
function overviewCurves(curves: readonly Curve[], marks: Marks): Curve[] {
  const kept = new Map<string, Curve>();
  for (const curve of curves) {
    const pair = pairKey(curve.source, curve.target);
    if (!kept.has(pair) || isLit(curve, marks)) kept.set(pair, curve);
  }
  return [...kept.values()];
}

export function isLit(curve: Curve, marks: Marks): boolean {
  if (curve.id === marks.hoveredCurve || curve.links.some((link) => link.id === marks.selectedLink)) return true;
  return marks.lit !== null && curve.links.some((link) => marks.lit?.links.has(link.id));
}

export function cardBounds({ x, y, shape }: SceneCard): Bounds {
  return { x: x - 36, y, width: CARD_WIDTH + 72, height: shape.height };
}

function isSeen({ points }: Curve, seen: Bounds): boolean {
  const [xs, ys] = [points.map((point) => point.x), points.map((point) => point.y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  const reach = 120;
  const bounds = { x: x - reach, y, width: Math.max(...xs) - x + 2 * reach, height: Math.max(...ys) - y + 1 };
  return intersects(bounds, seen);
}

function paintCurve(pen: Pen, curve: Curve, marks: Marks, palette: Palette, scale: number): void {
  const lit = isLit(curve, marks);
  const thin = Math.max(1, 0.9 / scale);
  const isFaded = !lit && marks.lit !== null;
  pen.fade(isFaded ? 0.18 : 1);
  const usual = lit ? palette.lit : curve.isTable ? palette.edge : palette.columnEdge;
  const colour = curve.change ? palette[curve.change] : usual;
  const width = (lit || curve.change ? 2 : curve.isTable ? 1.6 : 1.2) * thin;
  const dash = DASHES[curve.change ?? "indirect"];
  pen.curve(curve.points, { colour, width, ...(curve.change || curve.isIndirect ? { dash } : {}) });
  if (curve.change && scale >= DETAIL_SCALE) paintSign(pen, curve, curve.change, palette);
  const end = curve.points.at(-1);
  if (!end || scale < DETAIL_SCALE) return;
  const wing = { x: end.x - ARROW * 1.5, y: end.y - ARROW * 0.75 };
  pen.polygon([end, wing, { x: wing.x, y: end.y + ARROW * 0.75 }], colour);
}

/** The sign of a change, in the middle of its curve. */
function paintSign(pen: Pen, curve: Curve, change: Change, palette: Palette): void {
  const beziers = beziersOf(curve.points);
  const middle = beziers[Math.floor(beziers.length / 2)];
  if (!middle) return;
  const { x, y } = bezierAt(middle, 0.5);
  pen.box(x - 7, y - 7, 14, 14, { fill: palette.background, stroke: { colour: palette[change], width: 1 }, radius: 7 });
  const style = { size: 12, bold: true, colour: palette[change], align: "center" as const, maxWidth: 16 };
  pen.text(CHANGE_SIGNS[change], x, y, style);
}
