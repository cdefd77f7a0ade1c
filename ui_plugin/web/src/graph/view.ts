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
const MARGIN = 48;
const NARROW_MARGIN = 24;
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

/** Show all of the bounds, never larger than life. */
export function fitView(bounds: Bounds, size: Size, margin = MARGIN): View {
  const wanted = Math.min((size.width - 2 * margin) / bounds.width, (size.height - 2 * margin) / bounds.height, 1);
  const scale = Math.max(LEAST_SCALE, wanted);
  return {
    scale,
    x: (size.width - bounds.width * scale) / 2 - bounds.x * scale,
    y: (size.height - bounds.height * scale) / 2 - bounds.y * scale,
  };
}

/** What of a window `fitReadably` fills. */
export function roomWithin({ width, height }: Size): Size {
  return { width: width - 2 * NARROW_MARGIN, height: height - 2 * NARROW_MARGIN };
}

/** Move a view up and then right, as far as there is room round the bounds, so that no card lies below the tools in the
 * lower left corner. */
export function clearOfCorner(view: View, bounds: Bounds, cards: readonly Bounds[], corner: Size, size: Size): View {
  const above = bounds.y * view.scale + view.y - NARROW_MARGIN;
  const up = Math.min(hidden(view, cards, corner, size).height, above);
  const risen = { ...view, y: view.y - Math.max(0, up) };
  const beside = size.width - NARROW_MARGIN - (bounds.x + bounds.width) * view.scale - view.x;
  const right = Math.min(hidden(risen, cards, corner, size).width, beside);
  return { ...risen, x: view.x + Math.max(0, right) };
}

/** How far cards reach into the lower left corner, from its top and from its right. */
function hidden(view: View, cards: readonly Bounds[], corner: Size, size: Size): Size {
  const top = size.height - corner.height;
  const within = cards
    .map((card) => ({ ...toScreen(view, card), width: card.width * view.scale, height: card.height * view.scale }))
    .filter((card) => intersects(card, { x: 0, y: top, ...corner }));
  return {
    width: Math.max(0, ...within.map((card) => corner.width - card.x)),
    height: Math.max(0, ...within.map((card) => card.y + card.height - top)),
  };
}

/** Show bounds with `chosen` in sight, never smaller than `least`: where not all fits, what lies beside the chosen. */
export function fitReadably(bounds: Bounds, chosen: Bounds, least: number, size: Size): View {
  const whole = fitView(bounds, size, NARROW_MARGIN);
  const scale = Math.max(least, whole.scale);
  const across = [bounds.x, bounds.width, chosen.x + chosen.width / 2, size.width / scale] as const;
  const down = [bounds.y, bounds.height, chosen.y + chosen.height / 2, size.height / scale] as const;
  const margin = NARROW_MARGIN / scale;
  return { scale, x: -windowStart(...across, margin) * scale, y: -windowStart(...down, margin) * scale };
}

/** Where a window of a length begins that has a middle wish, and shows nothing beyond the ends where it could show more. */
function windowStart(start: number, length: number, wish: number, seen: number, margin: number): number {
  if (length + 2 * margin <= seen) return start + (length - seen) / 2;
  return Math.min(Math.max(wish - seen / 2, start - margin), start + length + margin - seen);
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
