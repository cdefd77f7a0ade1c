/** What is emphasised: the reader's selection, what the pointer is over, and the closure that is lit. */
import type { Closure } from "../closure";
import type { Port } from "../model";

/** Neighbours of a card that exist but are not loaded. */
export interface More {
  upstream: number;
  downstream: number;
}

/** What colours cards beside their platforms: nothing, their classes, or how many hops a change of one reaches. */
export type Overlay =
  | { kind: "none" }
  | { kind: "classes" }
  | { kind: "impact"; hops: ReadonlyMap<string, number>; reached: number };

export const NO_OVERLAY: Overlay = { kind: "none" };

export interface Marks {
  root: string;
  selected: Port | null;
  selectedLink: string | null;
  hovered: Port | null;
  hoveredCurve: string | null;
  lit: Closure | null;
  overlay: Overlay;
  more: ReadonlyMap<string, More>;
}

export const NOTHING_MORE: More = { upstream: 0, downstream: 0 };

export function isCardLit(marks: Marks, card: string): boolean {
  return marks.lit === null || marks.lit.cards.has(card);
}
