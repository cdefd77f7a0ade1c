/** What painting needs of a surface: a canvas on screen and in a PNG, text in an SVG. */
import type { Point } from "../layout/types";

export interface Stroke {
  colour: string;
  width: number;
  dash?: readonly number[];
}

export interface BoxStyle {
  fill?: string;
  stroke?: Stroke;
  radius?: number;
}

export interface TextStyle {
  size: number;
  colour: string;
  bold?: boolean;
  align?: "left" | "right" | "center";
  maxWidth: number;
}

export interface Pen {
  box(x: number, y: number, width: number, height: number, style: BoxStyle): void;
  /** Smooth lines to the right, each through pairs of points: start, (lane entry, lane exit)…, end. */
  curves(lines: readonly (readonly Point[])[], stroke: Stroke): void;
  polygons(shapes: readonly (readonly Point[])[], colour: string): void;
  /** Text with its middle at y, cut with an ellipsis at `maxWidth`. */
  text(text: string, x: number, y: number, style: TextStyle): void;
  /** Opacity of what follows, 0 to 1. */
  fade(opacity: number): void;
}

export const FONT = 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

export interface Bezier {
  from: Point;
  first: Point;
  second: Point;
  to: Point;
}

/** The Béziers and straight lanes of a curve, all leaving and arriving level; a lane to the left is turned into and out of. */
export function beziersOf(points: readonly Point[]): Bezier[] {
  return points.slice(1).map((to, index) => {
    const from = points[index] ?? to;
    if (index % 2 === 1) return bent(from, to, (to.x - from.x) / 3, (to.x - from.x) / 3);
    const reach = Math.max(36, Math.abs(to.x - from.x) * 0.5);
    return bent(
      from,
      to,
      isLeftward(points, index - 1) ? -reach : reach,
      isLeftward(points, index + 1) ? -reach : reach,
    );
  });
}

function isLeftward(points: readonly Point[], lane: number): boolean {
  const [entry, exit] = [points[lane], points[lane + 1]];
  return entry !== undefined && exit !== undefined && exit.x < entry.x;
}

function bent(from: Point, to: Point, leaving: number, arriving: number): Bezier {
  return { from, to, first: { x: from.x + leaving, y: from.y }, second: { x: to.x - arriving, y: to.y } };
}

export function bezierAt({ from, first, second, to }: Bezier, share: number): Point {
  const rest = 1 - share;
  const [a, b, c, d] = [rest ** 3, 3 * rest ** 2 * share, 3 * rest * share ** 2, share ** 3];
  return {
    x: a * from.x + b * first.x + c * second.x + d * to.x,
    y: a * from.y + b * first.y + c * second.y + d * to.y,
  };
}
