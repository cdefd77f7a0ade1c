/** Which part of a graph a window shows before the reader chooses one. */
import type { Point } from "./layout/types";
import type { Bounds, Scene, SceneCard } from "./scene";
import { CARD_WIDTH } from "./shape";
import { intersects, LEAST_SCALE, type Size, type View } from "./view";

/** What is left free round the graph; beside it hang the signs of cards, and lines turn back. */
const MARGIN = { x: 40, y: 24 };
const NO_CORNER: Size = { width: 0, height: 0 };

/** A window, and what tools cover of its lower left corner. */
export interface Viewport extends Size {
  corner?: Size;
}

/** What of a window a graph may fill. */
export function roomWithin({ width, height }: Size): Size {
  return { width: width - 2 * MARGIN.x, height: height - 2 * MARGIN.y };
}

/** All of the graph, else, where that would be smaller than `least`, what lies beside the first anchor that is there.
 *
 * Of the whole window, the part above the tools and the part beside them it fills that where fewest cards lie below the
 * tools, and of such the one where the graph is largest.
 */
export function openingView(scene: Scene, anchors: readonly string[], least: number, viewport: Viewport): View {
  const chosen = anchors.map((id) => scene.cards.get(id)).find((card) => card !== undefined);
  const wish = chosen ? boundsOf(chosen) : scene.bounds;
  const corner = viewport.corner ?? NO_CORNER;
  const tools = { x: 0, y: viewport.height - corner.height, ...corner };
  const looks = partsOf(viewport, corner).map((part) => {
    const view = fitReadably(scene.bounds, wish, least, part);
    return { view, hidden: countWithin(tools, scene, view) };
  });
  const [best] = looks.sort((a, b) => a.hidden - b.hidden || b.view.scale - a.view.scale);
  return best?.view ?? fitReadably(scene.bounds, wish, least, { x: 0, y: 0, ...viewport });
}

/** All of the graph, however small. */
export function wholeView(scene: Scene, viewport: Viewport): View {
  return openingView(scene, [], LEAST_SCALE, viewport);
}

function partsOf({ width, height }: Size, corner: Size): Bounds[] {
  return [
    { x: 0, y: 0, width, height },
    { x: 0, y: 0, width, height: height - corner.height },
    { x: corner.width, y: 0, width: width - corner.width, height },
  ];
}

function countWithin(tools: Bounds, scene: Scene, { x, y, scale }: View): number {
  const covered = { x: (tools.x - x) / scale, y: (tools.y - y) / scale };
  const area = { ...covered, width: tools.width / scale, height: tools.height / scale };
  return [...scene.cards.values()].filter((card) => intersects(boundsOf(card), area)).length;
}

function boundsOf({ x, y, shape }: SceneCard): Bounds {
  return { x, y, width: CARD_WIDTH, height: shape.height };
}

/** Show bounds within a part of the window, never smaller than `least`: where not all fits, what lies beside the chosen. */
export function fitReadably(bounds: Bounds, chosen: Bounds, least: number, part: Bounds): View {
  const room = roomWithin(part);
  const scale = Math.max(least, Math.min(1, room.width / bounds.width, room.height / bounds.height));
  const middle: Point = { x: chosen.x + chosen.width / 2, y: chosen.y + chosen.height / 2 };
  const left = windowStart(bounds.x, bounds.width, middle.x, part.width / scale, MARGIN.x / scale);
  const top = windowStart(bounds.y, bounds.height, middle.y, part.height / scale, MARGIN.y / scale);
  return { scale, x: part.x - left * scale, y: part.y - top * scale };
}

/** Where a window of a length begins that has a middle wish, and shows nothing beyond the ends where it could show more. */
function windowStart(start: number, length: number, wish: number, seen: number, margin: number): number {
  if (length + 2 * margin <= seen) return start + (length - seen) / 2;
  return Math.min(Math.max(wish - seen / 2, start - margin), start + length + margin - seen);
}
