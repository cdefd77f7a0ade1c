/** What is emphasised: the reader's selection, what the pointer is over, and the closure that is lit. */
import type { Closure } from "../closure";
import type { Port } from "../model";

/** Neighbours of a card that exist but are not loaded. */
export interface More {
  upstream: number;
  downstream: number;
}

export interface Marks {
  root: string;
  selected: Port | null;
  selectedLink: string | null;
  hovered: Port | null;
  hoveredCurve: string | null;
  lit: Closure | null;
  more: ReadonlyMap<string, More>;
}

export const NOTHING_MORE: More = { upstream: 0, downstream: 0 };

export function isCardLit(marks: Marks, card: string): boolean {
  return marks.lit === null || marks.lit.cards.has(card);
}
