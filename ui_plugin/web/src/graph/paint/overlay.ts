/** How an overlay colours a card, and what it adds to its words. */
import type { Card, Column } from "../model";
import { isProtected } from "../protection";
import type { Overlay } from "./marks";
import type { Palette } from "./palette";

export interface Tint {
  /** Of the card's edge and mark. */
  colour: keyof Palette;
  fill: keyof Palette;
  words: string;
}

export function tintOf(overlay: Overlay, card: Card): Tint | null {
  if (overlay.kind === "classes") return classTint(card.classification, card.suspected);
  if (overlay.kind === "none") return null;
  const hops = overlay.hops.get(card.id);
  if (hops === undefined) return null;
  const words = hops === 0 ? "changes" : `${hops} ${hops === 1 ? "hop" : "hops"} on`;
  return { colour: "impact", fill: "impactSoft", words };
}

/** What is Public, and what nobody has classified, is not coloured. */
export function classTint(classification: string | null | undefined, suspected = false): Tint | null {
  if (!isProtected(classification)) return null;
  const words = suspected ? `${classification}, suspected` : classification;
  if (classification === "PII") return { colour: "pii", fill: "piiSoft", words };
  return { colour: "confidential", fill: "confidentialSoft", words };
}

/** Columns of a class are always marked close up. */
export function columnTint({ classification }: Column): Tint | null {
  return classTint(classification);
}
