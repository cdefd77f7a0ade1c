/** Paints curves, those of one look with one stroke: that costs a fraction of as many strokes. */
import { CHANGE_SIGNS, type Change } from "../change";
import type { Point } from "../layout/types";
import type { Bounds, Curve } from "../scene";
import type { Palette } from "./palette";
import { bezierAt, beziersOf, type Pen } from "./pen";

const ARROW = 5;
const FADED = 0.18;
/** Kinds of line: indirect lineage is dashed; of two times, what went is dotted, what differs is dashed and dotted. */
const DASHES = { indirect: [6, 5], via: [2, 5], added: [], removed: [2, 4], changed: [9, 3, 2, 3] };

interface Look {
  colour: keyof Palette;
  width: number;
  dash?: readonly number[];
  opacity: number;
}

export interface CurveStyle {
  lit: ReadonlySet<Curve>;
  /** Whether what is not lit is faded. */
  fades: boolean;
  palette: Palette;
  scale: number;
  /** Close up, what is in sight, where there are arrows and the signs of changes; null from afar. */
  seen: Bounds | null;
}

/** What is not lit first, what is lit over it. */
export function paintCurves(pen: Pen, curves: readonly Curve[], style: CurveStyle): void {
  const kinds = [...Map.groupBy(curves, (curve) => kindOf(curve, style.lit)).entries()].sort(([a], [b]) => a - b);
  for (const [, alike] of kinds) {
    if (alike[0]) paintAlike(pen, alike, lookOf(alike[0], style), style);
  }
  pen.fade(1);
}

const CHANGES: (Change | undefined)[] = [undefined, "added", "removed", "changed"];

/** A number for each look, greater for what is lit. */
function kindOf(curve: Curve, lit: ReadonlySet<Curve>): number {
  const shape = Number(curve.isTable) + 2 * Number(curve.isIndirect) + 4 * Number(curve.via !== undefined);
  return 64 * Number(lit.has(curve)) + 8 * CHANGES.indexOf(curve.change) + shape;
}

function lookOf(curve: Curve, { lit, fades }: CurveStyle): Look {
  const isLit = lit.has(curve);
  const usual = isLit ? "lit" : curve.isTable ? "edge" : "columnEdge";
  const dash = curve.change ? DASHES[curve.change] : curve.via ? DASHES.via : DASHES.indirect;
  return {
    colour: curve.change ?? usual,
    width: isLit || curve.change ? 2 : curve.isTable ? 1.6 : 1.2,
    ...(curve.change || curve.isIndirect || curve.via ? { dash } : {}),
    opacity: fades && !isLit ? FADED : 1,
  };
}

function paintAlike(pen: Pen, curves: readonly Curve[], look: Look, { palette, scale, seen }: CurveStyle): void {
  const colour = palette[look.colour];
  const width = seen ? look.width : Math.max(1, look.width - 0.6) / scale;
  pen.fade(look.opacity);
  pen.curves(
    curves.map((curve) => curve.points),
    { colour, width, ...(look.dash ? { dash: look.dash } : {}) },
  );
  if (!seen) return;
  const ended = curves.filter((curve) => contains(seen, curve.points.at(-1)));
  pen.polygons(
    ended.flatMap((curve) => arrowOf(curve.points)),
    colour,
  );
  for (const curve of curves) if (curve.change) paintSign(pen, curve, curve.change, palette);
}

function contains({ x, y, width, height }: Bounds, at: Point | undefined): boolean {
  return at !== undefined && at.x >= x && at.x <= x + width + 2 * ARROW && at.y >= y && at.y <= y + height;
}

function arrowOf(points: readonly Point[]): Point[][] {
  const end = points.at(-1);
  if (!end) return [];
  const wing = { x: end.x - ARROW * 1.5, y: end.y - ARROW * 0.75 };
  return [[end, wing, { x: wing.x, y: end.y + ARROW * 0.75 }]];
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
