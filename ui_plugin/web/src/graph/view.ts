/** The window onto the scene: screen = world × scale + (x, y). Screen lengths are CSS pixels. */
import type { Point } from "./layout/types";
import type { Bounds } from "./scene";

export interface View {
  x: number;
  y: number;
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

export const LEAST_SCALE = 0.04;
export const MOST_SCALE = 2;
/** Below this, cards are blocks with a name, and curves join cards only. */
export const DETAIL_SCALE = 0.4;
/** Below this, the columns of cards are bars: their names could not be read. Above it, `legible` keeps them readable. */
export const READABLE_SCALE = 0.5;
/** Below this, blocks have no names. */
export const NAMES_SCALE = 0.14;
/** From here on texts have their own size; smaller views draw them larger within their card. */
const LEGIBLE_SCALE = 0.8;
/** Of a bold sign, as a share of its size; wide enough for nearly all names. */
const SIGN_WIDTH = 0.6;

export function toWorld(view: View, at: Point): Point {
  return { x: (at.x - view.x) / view.scale, y: (at.y - view.y) / view.scale };
}

export function toScreen(view: View, at: Point): Point {
  return { x: at.x * view.scale + view.x, y: at.y * view.scale + view.y };
}

export function zoomAt(view: View, at: Point, factor: number): View {
  const scale = Math.min(MOST_SCALE, Math.max(LEAST_SCALE, view.scale * factor));
  const world = toWorld(view, at);
  return { scale, x: at.x - world.x * scale, y: at.y - world.y * scale };
}

/** Show all of the bounds in the middle, never larger than life. */
export function fitView(bounds: Bounds, size: Size, margin: number): View {
  const room = { width: size.width - 2 * margin, height: size.height - 2 * margin };
  const scale = Math.min(room.width / bounds.width, room.height / bounds.height, 1);
  return {
    scale,
    x: (size.width - bounds.width * scale) / 2 - bounds.x * scale,
    y: (size.height - bounds.height * scale) / 2 - bounds.y * scale,
  };
}

/** A text's size in world pixels: in smaller views it grows, up to `most` and as far as all of it fits into `width`. */
export function legible(text: string, size: number, scale: number, most: number, width: number): number {
  const fitting = width / (Math.max(1, text.length) * SIGN_WIDTH);
  const wanted = Math.min(most, fitting, (size * LEGIBLE_SCALE) / scale);
  return Math.max(size, Math.floor(2 * wanted) / 2);
}

/** Put a world point in the middle. */
export function centreOn(view: View, at: Point, size: Size): View {
  return { ...view, x: size.width / 2 - at.x * view.scale, y: size.height / 2 - at.y * view.scale };
}

export function visibleBounds(view: View, size: Size): Bounds {
  const { x, y } = toWorld(view, { x: 0, y: 0 });
  return { x, y, width: size.width / view.scale, height: size.height / view.scale };
}

export function intersects(a: Bounds, b: Bounds): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
