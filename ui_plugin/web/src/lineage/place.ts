/** Where the reader has the graph: its scale, and what is in the middle, told from where the graph starts.
 *
 * So told, a link shows the same part in a window of another size, and wherever a later layout puts the cards.
 */
import type { Scene } from "../graph/scene";
import { centreOn, LEAST_SCALE, MOST_SCALE, type Size, toWorld, type View } from "../graph/view";

export interface Place {
  /** World pixels from the corner of the card that the graph starts at to the middle of the window. */
  dx: number;
  dy: number;
  scale: number;
}

export const PLACE = "at";

export function readPlace(params: URLSearchParams): Place | null {
  const parts = params.get(PLACE)?.split(",").map(Number) ?? [];
  const [dx, dy, scale] = parts;
  if (parts.length !== 3 || dx === undefined || dy === undefined || scale === undefined) return null;
  if (!parts.every(Number.isFinite) || scale < LEAST_SCALE || scale > MOST_SCALE) return null;
  return { dx, dy, scale };
}

export function writePlace({ dx, dy, scale }: Place): string {
  return `${Math.round(dx)},${Math.round(dy)},${Number(scale.toFixed(3))}`;
}

/** Null where the card is not in the scene. */
export function placeOf(scene: Scene, root: string, view: View, size: Size): Place | null {
  const card = scene.cards.get(root);
  if (!card) return null;
  const middle = toWorld(view, { x: size.width / 2, y: size.height / 2 });
  return { dx: middle.x - card.x, dy: middle.y - card.y, scale: view.scale };
}

export function aroundPlace(scene: Scene, root: string, { dx, dy, scale }: Place, size: Size): View | null {
  const card = scene.cards.get(root);
  return card ? centreOn({ x: 0, y: 0, scale }, { x: card.x + dx, y: card.y + dy }, size) : null;
}
